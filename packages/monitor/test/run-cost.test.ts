import { describe, expect, it } from "vitest";
import {
  createEntryCounters,
  createLatencyHistogram,
  createMonitor,
  standardAlertRules,
  type TreeUsage,
} from "../src/index.ts";
import { formatPrometheus } from "../src/prometheus/index.ts";
import { treeUsage } from "./support/snapshots.ts";

const rounds = 60;

function usageOf(containers: number): TreeUsage {
  return treeUsage({
    containers: Array.from({ length: containers }, (_, index) => ({
      containerId: `strategy_${index}`,
      bytes: 2000,
      files: 2,
      activeFiles: ["momentum.log", "risk.log"],
    })),
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** Milliseconds of a run of all gauges, and of the text for Prometheus; every tenth container has errors. */
async function costOf(containers: number) {
  const counters = createEntryCounters();
  const tallies = Array.from({ length: containers }, (_, index) => counters.tallyOf(`strategy_${index}`));
  const latency = createLatencyHistogram();
  const usage = usageOf(containers);
  const monitor = createMonitor({
    sources: {
      tree: () => usage,
      device: () => ({ freeBytes: 1e9, capacityBytes: 1e10 }),
      entries: counters.read,
      latency: latency.snapshot,
      writers: () => ({ accepted: 1, written: 1, queued: 0, dropped: 0, bytesWritten: 1 }),
    },
    limits: { maxTotalBytes: 1e9 },
    rules: standardAlertRules({ diskUsageBytes: 1e8, errorsPerMinute: 10, containerErrorsPerMinute: 1e6 }),
  });
  const runsMs: number[] = [];
  const textsMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, tally] of tallies.entries()) tally.add(index % 10 === 0 ? "ERROR" : "INFO");
    latency.record(round);
    const start = performance.now();
    const snapshot = await monitor.run();
    const measured = performance.now();
    formatPrometheus(snapshot);
    runsMs.push(measured - start);
    textsMs.push(performance.now() - measured);
  }
  await monitor.close();
  return { runMs: median(runsMs), textMs: median(textsMs) };
}

describe("the cost of a run of all gauges", () => {
  // Seen: 0.3 ms and 1.5 ms. The bounds are wide because the machine of a test has other things to do.
  it.each([
    [500, 10],
    [5000, 50],
  ])("with %i containers is below %i ms", async (containers, boundMs) => {
    const { runMs, textMs } = await costOf(containers);
    process.stderr.write(
      `monitor: ${containers} containers: a run takes ${runMs.toFixed(2)} ms, the text of Prometheus ${textMs.toFixed(2)} ms (medians of ${rounds})\n`,
    );
    expect(runMs).toBeLessThan(boundMs);
    expect(textMs).toBeLessThan(boundMs);
  });
});
