import { once } from "node:events";
import { get } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type MetricsServer, type MetricsServerOptions, openMetricsServer } from "../src/prometheus/index.ts";
import { fullSnapshot } from "./support/full-snapshot.ts";

let server: MetricsServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const monitor = { recent: async () => fullSnapshot() };

async function open(options: Partial<MetricsServerOptions> = {}): Promise<MetricsServer> {
  server = await openMetricsServer({ monitor, port: 0, ...options });
  return server;
}

/** The answer to one request, whose `host` header may lie. */
async function ask(port: number, path: string, headers: Record<string, string> = {}) {
  const request = get({ host: "127.0.0.1", port, path, headers, agent: false });
  const [response] = await once(request, "response");
  let body = "";
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode as number, headers: response.headers as Record<string, string>, body };
}

describe("openMetricsServer", () => {
  it("serves the metrics as text of Prometheus, on this machine alone", async () => {
    const { url, port } = await open();
    const { status, headers, body } = await ask(port, "/metrics");
    expect(url).toBe(`http://127.0.0.1:${port}/metrics`);
    expect([status, headers["content-type"], headers["x-content-type-options"]]).toEqual([
      200,
      "text/plain; version=0.0.4; charset=utf-8",
      "nosniff",
    ]);
    expect(body).toContain('waybill_records_total{level="error"} 8\n');
  });

  it("passes the options of the format on", async () => {
    const { port } = await open({ prefix: "logs", containerLabels: true });
    expect((await ask(port, "/metrics")).body).toContain(
      'logs_container_disk_usage_bytes{container="strategy_001"} 0\n',
    );
  });

  it("refuses other paths, other hosts and wrong tokens", async () => {
    const { port } = await open({ bearerToken: "secret" });
    const authorization = "Bearer secret";
    const answers = await Promise.all([
      ask(port, "/", { authorization }),
      ask(port, "/metrics", { authorization, host: "evil.example" }),
      ask(port, "/metrics"),
      ask(port, "/metrics", { authorization }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([404, 421, 401, 200]);
    expect(answers.slice(0, 3).every(({ body }) => !body.includes("waybill"))).toBe(true);
  });

  it("says 500 and not why when nothing can be measured", async () => {
    const opened = await open({ monitor: { recent: () => Promise.reject(new Error("secret path")) } });
    expect(await ask(opened.port, "/metrics")).toMatchObject({ status: 500, body: "not measured\n" });
    expect(opened.failures).toBe(1);
  });

  it("refuses options that cannot be when it is opened, not when it is scraped", async () => {
    await expect(openMetricsServer({ monitor, port: 0, prefix: "1x" })).rejects.toThrow(TypeError);
  });

  it("tells that its port is taken", async () => {
    const { port } = await open();
    await expect(openMetricsServer({ monitor, port })).rejects.toThrow("EADDRINUSE");
  });

  it("does not keep the process alive unless asked", async () => {
    const listening = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === "TCPServerWrap").length;
    const before = listening();
    await open();
    const free = listening();
    const held = await openMetricsServer({ monitor, port: 0, keepAlive: true });
    const holding = listening();
    await held.close();
    expect([free - before, holding - before]).toEqual([0, 1]);
  });

  it("cuts clients off that say nothing when it is closed, and closes once", async () => {
    const opened = await open();
    const socket = connect(opened.port, "127.0.0.1");
    await once(socket, "connect");
    const closed = once(socket, "close");
    await Promise.all([opened.close(), opened.close(), closed]);
    await expect(ask(opened.port, "/metrics")).rejects.toThrow("ECONNREFUSED");
  });
});
