import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer, get } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import {
  bindCorrelation,
  continueCorrelation,
  currentCorrelation,
  extractCorrelation,
  getCorrelationId,
  injectCorrelation,
  runWithCorrelation,
} from "../src/index.ts";

const echoWorker = new URL("./support/echo-worker.mjs", import.meta.url);
const echoChild = new URL("./support/echo-child.mjs", import.meta.url);
const id = "trade_Größe 😀";
const parentEventId = "evt_1";

describe("a correlation survives", () => {
  it("promises, timers, microtasks and immediates", async () => {
    const seen = await runWithCorrelation("trade_1", async () => {
      await delay(1);
      const afterTimer = getCorrelationId();
      const inMicrotask = await new Promise((resolve) => queueMicrotask(() => resolve(getCorrelationId())));
      const inImmediate = await new Promise((resolve) => setImmediate(() => resolve(getCorrelationId())));
      return [afterTimer, inMicrotask, inImmediate];
    });
    expect(seen).toEqual(["trade_1", "trade_1", "trade_1"]);
  });

  it("50 flows that run at the same time", async () => {
    const ids = Array.from({ length: 50 }, (_, index) => `trade_${index}`);
    const seen = await Promise.all(
      ids.map((id, index) =>
        runWithCorrelation(id, async () => {
          await delay(index % 3);
          return getCorrelationId();
        }),
      ),
    );
    expect(seen).toEqual(ids);
  });

  it("a worker thread and back", async () => {
    const worker = new Worker(echoWorker);
    try {
      const answer = once(worker, "message");
      runWithCorrelation(id, () => worker.postMessage(injectCorrelation({ order: 7 })), { parentEventId });
      const [message] = await answer;
      expect(message).toMatchObject({ order: 7 });
      expect(continueCorrelation(message, () => currentCorrelation())).toMatchObject({
        correlationId: id,
        parentEventId,
      });
    } finally {
      await worker.terminate();
    }
  });

  it("a child process, by its environment and by IPC", async () => {
    const child = runWithCorrelation(id, () =>
      fork(echoChild, { env: injectCorrelation({ PATH: process.env.PATH }, "env"), execArgv: [] }),
    );
    const ended = once(child, "exit");
    const answer = once(child, "message");
    runWithCorrelation(id, () => child.send(injectCorrelation({})), { parentEventId });
    const [{ message, env }] = await answer;
    expect(await ended).toEqual([0, null]);
    expect(extractCorrelation(message)).toMatchObject({ correlationId: id, parentEventId });
    expect(extractCorrelation(env, "env")).toMatchObject({
      correlationId: id,
      traceId: extractCorrelation(message)?.traceId,
    });
  });

  it("an HTTP request, and the callbacks of its answer", async () => {
    const server = createServer((request, response) => {
      continueCorrelation(request.headers, () => response.end(getCorrelationId()), "headers");
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    try {
      const [answered, body] = await runWithCorrelation(id, async () => {
        const request = get({
          host: "127.0.0.1",
          port,
          agent: false,
          headers: injectCorrelation({}, "headers"),
        });
        const [response] = await once(request, "response");
        return [getCorrelationId(), Buffer.concat(await response.toArray()).toString("utf8")];
      });
      expect([answered, body]).toEqual([id, id]);
    } finally {
      server.close();
    }
  });

  it("a queue whose tasks were bound, while tasks that were not see the consumer", async () => {
    const tasks: (() => string | undefined)[] = [];
    runWithCorrelation(id, () =>
      tasks.push(
        bindCorrelation(() => getCorrelationId()),
        () => getCorrelationId(),
      ),
    );
    const seen = await runWithCorrelation("consumer", async () => tasks.map((task) => task()));
    expect(seen).toEqual([id, "consumer"]);
  });
});
