import { stripVTControlCharacters } from "node:util";
import type { Flow, Hop } from "@waybill/flows";
import { describe, expect, it } from "vitest";
import { formatBytes, formatPercent, formatProfit, formatSeconds } from "./format-figures.ts";
import { renderReport } from "./render-report.ts";
import type { Report } from "./report.ts";

function hopOf(index: number, source: string, target: string, tier: string, isFailed: boolean): Hop {
  return {
    index,
    parent: index === 0 ? undefined : index - 1,
    eventId: `evt_${index}`,
    parentEventId: undefined,
    orphan: false,
    eventType: "event",
    source,
    target,
    tier,
    publishedAtMs: 0,
    receivedAtMs: 0,
    finishedAtMs: 0,
    waitMs: 0,
    workMs: 0,
    status: isFailed ? "error" : "ok",
    clock: "monotonic",
    skewed: false,
    delivery: 1,
    deliveries: 1,
  };
}

function flowOf(
  correlationId: string,
  containers: readonly string[],
  milliseconds: readonly number[],
  isFailed = false,
): Flow {
  const tiers = ["fast", "standard", "reliable"];
  const hops = containers
    .slice(1)
    .map((target, index) =>
      hopOf(
        index,
        containers[index] ?? "",
        target,
        tiers[index] ?? "fast",
        isFailed && index === containers.length - 2,
      ),
    );
  return {
    correlationId,
    status: isFailed ? "failed" : "ok",
    startedAtMs: 0,
    totalMs: milliseconds.reduce((sum, each) => sum + each, 0),
    originMs: milliseconds[0],
    origin: containers[0] ?? "",
    hops,
    criticalPath: hops.map(({ index }) => index),
    shares: containers.map((container, index) => ({
      container,
      hop: index === 0 ? undefined : index - 1,
      ms: milliseconds[index],
    })),
    clock: "monotonic",
    duplicates: 0,
  };
}

const report: Report = {
  containers: 54,
  components: 163,
  bars: 500,
  range: { from: "2001-01-02", to: "2002-12-31" },
  entries: { written: 118_000, copies: 36_000, dropped: 0, unwritten: 0 },
  elapsedMs: 840,
  flows: { total: 26_551, failed: 19, retries: 87 },
  tiers: [
    { tier: "internal", hops: 2652, errors: 0, wait: undefined, work: undefined },
    {
      tier: "reliable",
      hops: 848,
      errors: 0,
      wait: { p50: 0.05, p95: 0.26, p99: 2.88 },
      work: { p50: 1.06, p95: 2.37, p99: 4.48 },
    },
    {
      tier: "fast",
      hops: 26_551,
      errors: 10,
      wait: { p50: 0.47, p95: 1.44, p99: 3.9 },
      work: { p50: 0.01, p95: 0.02, p99: 0.06 },
    },
    {
      tier: "standard",
      hops: 802,
      errors: 9,
      wait: { p50: 0.53, p95: 1.18, p99: 4.22 },
      work: { p50: 0.02, p95: 0.05, p99: 1200 },
    },
  ],
  places: [
    { place: "containers/", lines: 30_000, bytes: 9_950_000 },
    { place: "flows/", lines: 88_000, bytes: 39_900_000 },
    { place: "master.log", lines: 3, bytes: 931 },
  ],
  isContinued: false,
  trading: {
    capital: 1_000_000,
    fills: 588,
    buys: 300,
    sells: 288,
    commissions: 588,
    cash: 342_569.99,
    holdings: 414_395.22,
    profit: -243_034.79,
  },
  completeFlow: flowOf(
    "trade_20021227_strategy_014",
    ["data_container", "strategy_014", "risk_container", "execution_container"],
    [2, 5, 15, 45],
  ),
  failedFlow: {
    flow: flowOf(
      "trade_20020325_strategy_023",
      ["data_container", "strategy_023", "risk_container"],
      [0.12, 0.53, 0.86],
      true,
    ),
    line: {
      timestamp: "2026-11-23T01:26:37.177Z",
      level: "ERROR",
      containerId: "risk_container",
      componentName: "risk_manager",
      message: "Cash limit: 44142.93 needed, 38094.67 free",
      file: "logs/containers/risk_container/risk_manager.log",
    },
  },
  tree: "logs",
  isInterrupted: false,
};

describe("the report", () => {
  it("is aligned plain text", () => {
    expect(renderReport(report, { hasColour: false })).toMatchInlineSnapshot(`
      "done  54 containers   163 components   500 bars, 2001-01-02 to 2002-12-31   0.84 s

        entries   118,000   140,476/s   36,000 copies in master.log and correlations/   0 dropped
        flows     26,551   19 failed   87 retries
        trades    588   300 buys, 288 sells   P&L −243,034.79 (−24.3 %)   cash 342,569.99   holdings 414,395.22

                    hops   errors   wait p50      p95      p99   work p50      p95      p99
        fast      26,551       10     0.47ms   1.44ms   3.90ms     0.01ms   0.02ms   0.06ms
        standard     802        9     0.53ms   1.18ms   4.22ms     0.02ms   0.05ms    1.20s
        reliable     848        0     0.05ms   0.26ms   2.88ms     1.06ms   2.37ms   4.48ms
        internal   2,652        0          –        –        –          –        –        –

                       lines   on disk
        containers/   30,000   9.95 MB
        flows/        88,000   39.9 MB
        master.log         3     931 B
        total        118,003   49.9 MB

        complete  trade_20021227_strategy_014  ok  data_container 2ms → strategy_014 5ms → risk_container 15ms → execution_container 45ms   total 67ms
        failed    trade_20020325_strategy_023  failed  data_container 0.12ms → strategy_023 0.53ms → risk_container 0.86ms ✗   total 1.51ms
                  first failing line  01:26:37.177 ERROR risk_container.risk_manager  Cash limit: 44142.93 needed, 38094.67 free
                                      logs/containers/risk_container/risk_manager.log
                  wait: published to received; work: received to finished; a container's time in a flow lasts until its next event

      try
        one container's own bus    grep "internal_bus" logs/containers/strategy_001/*.log
        hops between containers    grep "external_fast_tier" logs/flows/*.log
        hops that failed           grep '"status":"error"' logs/flows/*.log
        reliable order execution   grep "external_reliable_tier" logs/correlations/*.log
        lifecycle of the logs      grep "lifecycle_management" logs/system/*.log"
    `);
  });

  it("is the same text with colours", () => {
    const coloured = renderReport(report, { hasColour: true });
    expect(coloured).not.toBe(renderReport(report, { hasColour: false }));
    expect(stripVTControlCharacters(coloured)).toBe(renderReport(report, { hasColour: false }));
  });

  it("says so when nothing was traded and nothing failed", () => {
    const { completeFlow: _, failedFlow: __, ...rest } = report;
    const quiet = renderReport(
      { ...rest, completeFlow: undefined, failedFlow: undefined },
      { hasColour: false },
    );
    expect(quiet).toContain("  flows     none went through to execution, none failed");
  });

  it("says when it was interrupted", () => {
    expect(renderReport({ ...report, isInterrupted: true }, { hasColour: false })).toMatch(
      /^interrupted {2}54 containers/,
    );
  });

  it("says when the tree holds earlier runs", () => {
    expect(renderReport({ ...report, isContinued: true }, { hasColour: false })).toContain(
      "  all runs       lines   on disk\n",
    );
  });

  it("tells what was dropped and what was not written", () => {
    const entries = { ...report.entries, dropped: 1200, unwritten: 7 };
    expect(renderReport({ ...report, entries }, { hasColour: false })).toContain(
      "1,200 dropped   7 not written\n",
    );
  });

  it("counts one of a thing in the singular", () => {
    const trading = { ...report.trading, buys: 1, sells: 1 };
    const flows = { ...report.flows, retries: 1 };
    const text = renderReport({ ...report, containers: 1, flows, trading }, { hasColour: false });
    expect(text).toMatch(/^done {2}1 container {3}.* {3}1 retry\n.* {3}1 buy, 1 sell {3}/s);
  });

  it("quotes a tree whose path the shell would split", () => {
    expect(renderReport({ ...report, tree: "my logs" }, { hasColour: false })).toContain(
      `grep "external_fast_tier" 'my logs'/flows/*.log`,
    );
  });
});

describe("figures", () => {
  it.each([
    [0, "0 B"],
    [931, "931 B"],
    [1000, "1.00 kB"],
    [28_340, "28.3 kB"],
    [999_600, "1.00 MB"],
    [605e6, "605 MB"],
  ])("shows %d bytes as %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it("shows money, shares and seconds with their signs and units", () => {
    expect([formatProfit(-1234.5), formatProfit(5), formatPercent(-0.2434), formatSeconds(12_345)]).toEqual([
      "−1,234.50",
      "+5.00",
      "−24.3 %",
      "12.3 s",
    ]);
    expect([formatProfit(-0.004), formatProfit(0), formatPercent(-0.0004), formatPercent(0)]).toEqual([
      "0.00",
      "0.00",
      "0.0 %",
      "0.0 %",
    ]);
  });
});
