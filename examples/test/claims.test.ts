import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { findFirstFailure, formatFlowLine } from "@waybill/flows";
import { parseEntry } from "@waybill/log-tree";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ExampleRun, runExample } from "./support/run-example.ts";
import { entriesOf, flowsOf, logFilesOf } from "./support/tree.ts";

/** Runs the example once for the tests of its block. */
function useExample(name: string): () => ExampleRun {
  let run: ExampleRun;
  beforeAll(async () => {
    run = await runExample(name);
  });
  afterAll(() => run.remove());
  return () => run;
}

const containersOf = ({ root }: ExampleRun): string[] => readdirSync(join(root, "containers")).sort();
const messagesOf = ({ root }: ExampleRun, path: string): string[] =>
  entriesOf(root, path).map(({ level, message }) => `${level} ${message}`);

describe("universal-component-enhancement", () => {
  const run = useExample("universal-component-enhancement");

  it("gives each component the file of its own container, with what it logged itself", () => {
    expect(containersOf(run())).toEqual(["container_001", "container_002", "container_003"]);
    expect(entriesOf(run().root, "containers/container_001/my_strategy.log")).toMatchObject([
      {
        level: "INFO",
        containerId: "container_001",
        componentName: "my_strategy",
        context: { action: "BUY", signal_strength: 0.8 },
      },
    ]);
    const closes = entriesOf(run().root, "containers/container_002/feed.log");
    expect(closes.map(({ context }) => context["close"])).toEqual([100, 101, 104]);
    expect(entriesOf(run().root, "containers/container_003/momentum.log")).toMatchObject([
      { level: "WARNING", message: "Low volume detected", context: { rises: true, volume: 1200 } },
    ]);
  });

  it("leaves the work of the components as it was", () => {
    expect(run().stdout).toContain("Signal: BUY, closes: 3, momentum: true");
  });
});

describe("zero-inheritance-flexibility", () => {
  const run = useExample("zero-inheritance-flexibility");

  it("lets components of every origin log, and shows that they still work", () => {
    const contexts = ["c1/strategy", "c2/limits", "c3/library", "c4/function", "c5/keeper"].map((stream) =>
      entriesOf(run().root, `containers/${stream}.log`).map(({ context }) => context),
    );
    expect(contexts).toEqual([
      [{ exposure: 100 }],
      [{ frozen: true }],
      [{ formatted: "2%" }],
      [{ highest: 4 }],
      [{ notes: 1 }],
    ]);
  });

  it("keeps identity, type and own members", () => {
    expect(run().stdout).toContain("instanceof: true, true");
    expect(run().stdout).toContain("typeof: function, keys: shares");
    expect(run().stdout).toContain("untouched: true, true");
  });
});

describe("composition-over-inheritance", () => {
  const run = useExample("composition-over-inheritance");

  it("writes scope and correlation id without a coordinator", () => {
    expect(entriesOf(run().root, "containers/strategy_001/momentum.log")).toMatchObject([
      { scope: "internal_bus", correlationId: "trade_xyz_123", context: { strength: 0.8 } },
      { scope: "external_batch_tier", correlationId: "trade_xyz_123", context: { delay_ms: 40 } },
    ]);
    expect(existsSync(join(run().root, "system", "coordinator.log"))).toBe(false);
  });

  it("gives the overview warnings only, and the own part every entry", () => {
    expect(messagesOf(run(), "master.log")).toEqual(["WARNING Signal is published late"]);
    expect(run().stdout).toContain("INFO  internal_bus  trade_xyz_123  Generating signal");
    expect(run().stdout).toContain("WARNING  external_batch_tier  trade_xyz_123  Signal is published late");
  });
});

describe("basic-container-logging", () => {
  const run = useExample("basic-container-logging");

  it("writes one file per component of the container, and none for a component that logged nothing", () => {
    expect(containersOf(run())).toEqual(["strategy_001"]);
    expect(readdirSync(join(run().root, "containers", "strategy_001")).sort()).toEqual([
      "data_handler.log",
      "risk_manager.log",
      "strategy.log",
    ]);
    expect(entriesOf(run().root, "containers/strategy_001/strategy.log")).toMatchObject([
      {
        message: "Strategy initialized",
        containerId: "strategy_001",
        componentName: "strategy",
        context: { strategy_type: "momentum", parameters: { fast: 10, slow: 30 } },
      },
    ]);
    expect(entriesOf(run().root, "containers/strategy_001/risk_manager.log")).toMatchObject([
      { level: "ERROR", context: { error: { name: "Error", message: "limit of 1,000 shares exceeded" } } },
    ]);
  });

  it("unregisters the container on shutdown, and the system logs tell its life", () => {
    expect(run().stdout).toContain("Registered after shutdown: false");
    const life = entriesOf(run().root, "system/coordinator.log").map(
      ({ context }) => context["lifecycle_operation"],
    );
    expect(life).toEqual([
      "coordinator_start",
      "container_creation",
      "container_shutdown",
      "coordinator_shutdown",
    ]);
  });
});

describe("event-scope-classification", () => {
  const run = useExample("event-scope-classification");

  it.each([
    ["internal_bus", "containers/strategy_001/*.log", 1],
    ["external_fast_tier", "flows/*.log", 3],
    ["external_reliable_tier", "correlations/*.log", 1],
    ["lifecycle_management", "system/*.log", 1],
  ])('prints the grep for "%s" in %s, and it finds entries of that scope', (scope, files, leastMatches) => {
    const command = `grep "${scope}" ${files}`;
    expect(run().stdout.split("\n")).toContain(command);
    const found = execFileSync("sh", ["-c", command.replace("grep", "grep -h")], {
      cwd: run().root,
      encoding: "utf8",
    });
    const scopes = found
      .trimEnd()
      .split("\n")
      .map((line) => parseEntry(line)?.scope);
    expect(scopes.length).toBeGreaterThanOrEqual(leastMatches);
    expect(new Set(scopes)).toEqual(new Set([scope]));
  });

  it("shows every scope that the document names", () => {
    const scopes = new Set(
      [...logFilesOf(run().root).values()].flatMap(({ entries }) => entries.map((e) => e?.scope)),
    );
    expect([...scopes].sort()).toEqual([
      "component_internal",
      "external_fast_tier",
      "external_reliable_tier",
      "external_standard_tier",
      "internal_bus",
      "lifecycle_management",
    ]);
  });

  it("puts the correlation id on every entry of the trade", () => {
    const trade = [...logFilesOf(run().root).values()]
      .filter(({ path }) => path.startsWith("containers/") || path.startsWith("flows/"))
      .flatMap(({ entries }) => entries.map((entry) => entry?.correlationId));
    expect(trade).toEqual(Array(7).fill("trade_xyz_123"));
  });
});

describe("cross-container-event-tracing", () => {
  const run = useExample("cross-container-event-tracing");

  it("leaves files from which the flow is rebuilt exactly as the example printed it", async () => {
    const [flow, ...others] = await flowsOf(run().root);
    expect(others).toEqual([]);
    expect(flow).toMatchObject({
      correlationId: "trade_abc123",
      status: "ok",
      origin: "data_container",
      hops: [
        { source: "data_container", target: "strategy_015", tier: "fast", status: "ok" },
        { source: "strategy_015", target: "risk_container", tier: "standard", status: "ok", parent: 0 },
        { source: "risk_container", target: "execution", tier: "reliable", status: "ok", parent: 1 },
      ],
    });
    expect(run().stdout).toContain(flow && formatFlowLine(flow));
  });

  it("carries the correlation id into the log of every container", () => {
    const containers = ["data_container", "strategy_015", "risk_container", "execution"];
    const entries = containers.map((container) =>
      entriesOf(run().root, `containers/${container}/hybrid_container.log`).map(
        ({ correlationId, scope }) => [correlationId, scope],
      ),
    );
    const shutdown = [undefined, "lifecycle_management"];
    expect(entries).toEqual([
      [["trade_abc123", "external_fast_tier"], shutdown],
      [["trade_abc123", "external_standard_tier"], shutdown],
      [["trade_abc123", "external_reliable_tier"], shutdown],
      [["trade_abc123", "internal_bus"], shutdown],
    ]);
  });

  it("lists the containers of the trade in one file", () => {
    const containers = entriesOf(run().root, "correlations/trade_correlations.log").map(
      (entry) => entry.containerId,
    );
    expect(containers).toEqual(["data_container", "strategy_015", "risk_container", "execution"]);
  });
});

describe("production-operations", () => {
  const run = useExample("production-operations");

  it("gives each of fifty containers its own folder with all of its entries", () => {
    const containers = Array.from(
      { length: 50 },
      (_, index) => `strategy_container_${String(index).padStart(3, "0")}`,
    );
    expect(containersOf(run())).toEqual(containers);
    const messages = containers.map((container) => messagesOf(run(), `containers/${container}/strategy.log`));
    const bars = Array(3).fill("INFO Bar processed");
    expect(messages).toEqual(Array(50).fill(["INFO Strategy initialized", ...bars]));
  });

  it("tells the status of the running system", () => {
    expect(run().stdout).toContain("System running with 50 containers");
    expect(run().stdout).toMatch(/Total log disk usage: 0\.[0-9]*[1-9][0-9]* MB/);
    expect(run().stdout).toMatch(/Oldest log: \d{4}-\d\d-\d\dT/);
    expect(run().stdout).toContain("{ bars: 3 }");
  });

  it("shuts every container down before the log system", () => {
    const operations = entriesOf(run().root, "system/coordinator.log").map(
      (e) => e.context["lifecycle_operation"],
    );
    expect(operations.filter((operation) => operation === "container_shutdown")).toHaveLength(50);
    expect(entriesOf(run().root, "system/log_manager.log").at(-1)?.message).toBe(
      "Log management system closed",
    );
  });
});

describe("debugging-50-containers", () => {
  const run = useExample("debugging-50-containers");

  it("finds the talkative container among 53, and only that one", () => {
    expect(containersOf(run())).toHaveLength(53);
    expect(run().stdout).toMatch(/^53 containers, /m);
    expect(run().stdout.match(/^Large logs: \S+,/gm)).toEqual(["Large logs: strategy_037,"]);
    expect(entriesOf(run().root, "containers/strategy_037/main.log")).toHaveLength(2000);
  });

  it("leaves files from which all flows are rebuilt, with the failed one and where it failed", async () => {
    const flows = await flowsOf(run().root);
    expect(flows).toHaveLength(50);
    const failed = flows.filter(({ status }) => status !== "ok");
    const path = ["data_container", "strategy_013", "risk_container", "execution"].map((container) => ({
      container,
    }));
    expect(failed).toMatchObject([{ status: "failed", shares: path }]);
    const [hops = []] = failed.map((flow) => flow.hops);
    expect(hops[findFirstFailure(hops)?.hop ?? -1]).toMatchObject({ target: "execution", tier: "reliable" });
    expect(run().stdout.split("\n")).toEqual(
      expect.arrayContaining(failed.map((flow) => formatFlowLine(flow))),
    );
  });

  it("tells each tier, and the line that explains the failure", () => {
    for (const line of [
      "fast: 50 events, 0 failed",
      "standard: 50 events, 0 failed",
      "reliable: 50 events, 1 failed",
    ]) {
      expect(run().stdout).toContain(line);
    }
    const file = join(run().root, "containers", "execution", "main.log");
    const reason = "ORDER failed: RangeError: order of 13,000 shares exceeds the limit of 10,000";
    expect(run().stdout).toContain(`${file}: ${reason}`);
    expect(entriesOf(run().root, "correlations/error_correlations.log")).toMatchObject([
      { correlationId: expect.stringMatching(/^trade_/), containerId: "execution", message: reason },
    ]);
  });
});
