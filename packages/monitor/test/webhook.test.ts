import { afterEach, describe, expect, it } from "vitest";
import { createWebhookReceiver } from "../src/index.ts";
import { alertEvent } from "./support/alert-events.ts";
import { type Loopback, openLoopback } from "./support/loopback.ts";
import { until } from "./support/until.ts";

let server: Loopback | undefined;
afterEach(async () => {
  await server?.[Symbol.asyncDispose]();
  server = undefined;
});

const quick = { timeoutMs: 200, backoffMs: 5, attemptsMax: 3, closeTimeoutMs: 500 };

describe("a webhook on a real server", () => {
  it("posts JSON in UTF-8 to the path and query that were configured", async () => {
    server = await openLoopback();
    const url = `${server.url}?room=ops`;
    const receiver = createWebhookReceiver({ url, headers: { Authorization: "Bearer t" }, ...quick });
    receiver.receive(alertEvent({ message: "é 😀 half \ud83d" }));
    await until(() => receiver.stats().delivered === 1, 5000);
    const [request] = server.received;
    expect(request).toMatchObject({
      method: "POST",
      url: "/hook?room=ops",
      headers: {
        "content-type": "application/json",
        authorization: "Bearer t",
        "idempotency-key": "event-1",
      },
    });
    expect(JSON.parse(request?.body ?? "")).toMatchObject({
      alert: "disk_usage",
      message: "é 😀 half \ud83d",
    });
    await receiver.close();
  });

  it("comes back after the server failed, and sends everything in order", async () => {
    server = await openLoopback((response, n) => {
      response.statusCode = n < 2 ? 503 : 204;
      response.end();
    });
    const receiver = createWebhookReceiver({ url: server.url, ...quick });
    for (const id of ["a", "b"]) receiver.receive(alertEvent({ id }));
    await until(() => receiver.stats().delivered === 2, 5000);
    expect(server.received.map(({ headers }) => headers["idempotency-key"])).toEqual(["a", "a", "a", "b"]);
    await receiver.close();
  });

  it("gives up on a server that never answers, after its time-outs", async () => {
    server = await openLoopback(() => undefined);
    const receiver = createWebhookReceiver({ url: server.url, ...quick, timeoutMs: 40 });
    receiver.receive(alertEvent());
    await until(() => receiver.stats().lost === 1, 5000);
    expect(receiver.stats()).toMatchObject({ retries: 2, lastFailure: "no answer in 40 ms" });
    await receiver.close();
  });

  it("does not wait for the end of an answer that has none", async () => {
    let cut = false;
    server = await openLoopback((response) => {
      response.on("close", () => {
        cut = true;
      });
      response.writeHead(200);
      response.write("x".repeat(100_000));
    });
    const receiver = createWebhookReceiver({ url: server.url, ...quick });
    receiver.receive(alertEvent());
    await until(() => receiver.stats().delivered === 1 && cut, 5000);
    await receiver.close();
    expect(receiver.stats().waiting).toBe(0);
  });

  it("follows no redirect", async () => {
    server = await openLoopback((response) => {
      response.writeHead(307, { location: "http://127.0.0.1:9/elsewhere" });
      response.end();
    });
    const receiver = createWebhookReceiver({ url: server.url, ...quick });
    receiver.receive(alertEvent());
    await until(() => receiver.stats().lost === 1, 5000);
    expect(receiver.stats()).toMatchObject({ retries: 0, lastFailure: "the server answered 307" });
    await receiver.close();
  });

  it("survives that nobody listens, that the connection is cut, and nonsense for an answer", async () => {
    const closed = await openLoopback();
    await closed[Symbol.asyncDispose]();
    const refused = createWebhookReceiver({ url: closed.url, ...quick });
    server = await openLoopback((response, n) => {
      if (n > 0) response.socket?.write("NONSENSE\r\n\r\n");
      response.socket?.destroySoon();
    });
    const cut = createWebhookReceiver({ url: server.url, ...quick });
    for (const receiver of [refused, cut]) receiver.receive(alertEvent());
    await until(() => refused.stats().lost === 1 && cut.stats().lost === 1, 5000);
    expect([refused.stats().lastFailure, cut.stats().lastFailure]).toEqual([
      expect.stringContaining("ECONNREFUSED"),
      expect.stringMatching(/Parse Error|socket hang up|ECONNRESET/),
    ]);
    await Promise.all([refused.close(), cut.close()]);
  });

  it("ends within its time for closing when the server hangs", async () => {
    server = await openLoopback(() => undefined);
    const receiver = createWebhookReceiver({ url: server.url, timeoutMs: 60_000, closeTimeoutMs: 50 });
    receiver.receive(alertEvent());
    await until(() => (server?.received.length ?? 0) === 1, 5000);
    const start = performance.now();
    await receiver.close();
    expect(performance.now() - start).toBeLessThan(2000);
    expect(receiver.stats()).toMatchObject({ lost: 1, waiting: 0 });
  });
});
