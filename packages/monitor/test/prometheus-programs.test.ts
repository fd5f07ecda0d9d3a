import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { formatPrometheus, openMetricsServer } from "../src/prometheus/index.ts";
import { fullSnapshot } from "./support/full-snapshot.ts";
import { itWith } from "./support/needs.ts";
import { snapshot } from "./support/snapshots.ts";
import { until } from "./support/until.ts";

let folder: string;
let prometheus: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "waybill-prometheus-"));
});
afterEach(async () => {
  if (prometheus !== undefined && prometheus.exitCode === null) {
    const exited = once(prometheus, "exit");
    prometheus.kill("SIGKILL");
    await exited;
  }
  prometheus = undefined;
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

function lint(promtool: string, text: string): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(promtool, ["check", "metrics"], { input: text });
  return { status, output: `${stdout}${stderr}` };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

interface QueryAnswer {
  readonly data: {
    readonly result: readonly { readonly metric: Record<string, string>; readonly value: [number, string] }[];
  };
}

/** Starts a Prometheus that scrapes `port` each 200 ms; @returns how to ask it. */
function startPrometheus(
  program: string,
  ownPort: number,
  port: number,
): (query: string) => Promise<QueryAnswer["data"]["result"]> {
  const config = join(folder, "prometheus.yml");
  const target = `{job_name: waybill, static_configs: [{targets: ["127.0.0.1:${port}"]}]}`;
  writeFileSync(
    config,
    `global: {scrape_interval: 200ms, scrape_timeout: 200ms}\nscrape_configs: [${target}]\n`,
  );
  prometheus = spawn(
    program,
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${ownPort}`,
    ],
    { stdio: "ignore" },
  );
  return async (query) => {
    const url = `http://127.0.0.1:${ownPort}/api/v1/query?query=${encodeURIComponent(query)}`;
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok !== true) return [];
    return ((await response.json()) as QueryAnswer).data.result;
  };
}

describe("promtool", () => {
  itWith(
    "promtool",
    "finds nothing to complain about, with everything measured and every container labelled",
    async (promtool) => {
      const text = formatPrometheus(fullSnapshot(), { containerLabels: true, coordinatorId: 'm"a\\i\nn' });
      expect(lint(promtool, text)).toEqual({ status: 0, output: "" });
    },
  );

  itWith("promtool", "finds nothing to complain about when nothing was measured", async (promtool) => {
    expect(lint(promtool, formatPrometheus(snapshot()))).toEqual({ status: 0, output: "" });
  });

  itWith("promtool", "would complain about a text that is wrong", async (promtool) => {
    expect(lint(promtool, 'waybill_x{a="b} 1\n').status).not.toBe(0);
  });
});

describe("a real Prometheus", () => {
  itWith("prometheus", "scrapes every sample, with values and labels as they were", async (program) => {
    const monitor = { recent: async () => fullSnapshot() };
    await using server = await openMetricsServer({ monitor, port: 0, containerLabels: true });
    const query = startPrometheus(program, await freePort(), server.port);
    await until(async () => (await query('up{job="waybill"} == 1')).length === 1, 30_000);

    const text = formatPrometheus(fullSnapshot(), { containerLabels: true });
    const samples = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    const scraped = await query('{job="waybill", __name__=~"waybill_.+"}');
    expect(scraped).toHaveLength(samples.length);

    const usage = await query("waybill_container_disk_usage_bytes");
    const byContainer = usage.map(({ metric, value }) => [metric["container"], Number(value[1])]);
    // An empty label value is no label to Prometheus, and half a surrogate pair is spelled out.
    expect(Object.fromEntries(byContainer)).toEqual({
      strategy_001: 0,
      'a"b\\c\nd': 1000,
      "half \\ud83d": 2000,
      "half \\ude00": 3000,
      "é 😀": 4000,
      undefined: 5000,
      "{}": 6000,
      ["__proto__"]: 7000,
    });
    const [latency] = await query("histogram_quantile(0.5, waybill_write_latency_seconds_bucket)");
    expect(Number(latency?.value[1])).toBeGreaterThan(0.000064);
    expect(Number(latency?.value[1])).toBeLessThanOrEqual(0.000128);
  });
});
