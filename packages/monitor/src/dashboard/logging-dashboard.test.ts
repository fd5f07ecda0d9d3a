import { createFakeClock } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { counts, treeUsage } from "../../test/support/snapshots.ts";
import { standardAlertRules } from "../alerts/standard-alert-rules.ts";
import { createEntryCounters } from "../gauges/entry-counters.ts";
import { createErrorDigest } from "../gauges/error-digest.ts";
import { createLatencyHistogram } from "../gauges/latency-histogram.ts";
import { createMonitor } from "../monitor.ts";
import { createActivityLog } from "./activity-log.ts";
import { createLoggingDashboard } from "./logging-dashboard.ts";

const mib = 2 ** 20;

describe("createLoggingDashboard", () => {
  it("shows everything of the document, and every number comes from a source", async () => {
    const clock = createFakeClock();
    const counters = createEntryCounters();
    const latency = createLatencyHistogram();
    const errors = createErrorDigest(clock);
    const activity = createActivityLog(10, clock);
    const monitor = createMonitor(
      {
        sources: {
          tree: () =>
            treeUsage({
              totalBytes: 9 * mib,
              containers: [
                { containerId: "toString", bytes: 3 * mib, files: 4, activeFiles: ["momentum.log"] },
              ],
            }),
          entries: counters.read,
          latency: latency.snapshot,
          writers: () => ({
            accepted: 9,
            written: 6,
            queued: 1,
            dropped: 2,
            bytesWritten: 600,
            descriptors: 5,
          }),
          eventLoop: () => ({ delayMeanMs: 1, delayP99Ms: 2, delayMaxMs: 3, utilization: 0.5 }),
        },
        limits: { maxTotalBytes: 10 * mib },
        rules: standardAlertRules({ diskUsageBytes: 8 * mib }),
      },
      { clock },
    );
    const dashboard = createLoggingDashboard({
      monitor,
      activeContainers: () => 54,
      activity,
      errors,
      performanceSettings: { batchSize: 1000 },
      retentionPolicy: { maxAgeDays: 30 },
    });
    await monitor.run();
    clock.advance(3_600_000);
    counters.tallyOf("toString").add("ERROR");
    errors.note("ERROR", "order 7 failed");
    latency.record(16_000);
    activity.note({ event: "container_created", containerId: "toString", status: "success" });

    const { containerBreakdown, ...metrics } = await dashboard.getRealTimeMetrics();
    expect(metrics).toEqual({
      timestamp: "2026-01-01T01:00:00.000Z",
      systemHealth: {
        status: "degraded",
        reasons: ["the log tree takes 9 MiB, threshold 8 MiB"],
        activeContainers: 54,
        totalDiskUsageMb: 9,
        diskUsagePercentage: 90,
        diskForecast: "not measured for long enough",
        errorsPerMinute: 1 / 60,
      },
      performance: {
        batchSize: 1000,
        measured: {
          queued: 1,
          dropped: 2,
          bytesPerSecond: 0,
          openFiles: 5,
          writeLatencyP50Ms: expect.closeTo(16, 0),
          writeLatencyP99Ms: expect.closeTo(16, 0),
          eventLoopDelayMaxMs: 3,
        },
      },
      retention: { maxAgeDays: 30 },
      recentActivity: [
        {
          timestamp: "2026-01-01T01:00:00.000Z",
          event: "container_created",
          containerId: "toString",
          status: "success",
        },
      ],
      errorSummary: {
        last24hErrors: 1,
        criticalErrors: 0,
        mostCommonError: "order # failed",
        errorRateTrend: "stable",
        coveredHours: 1,
      },
    });
    expect({ ...containerBreakdown }).toEqual({
      toString: {
        logFiles: ["momentum.log"],
        fileCount: 4,
        totalSizeMb: 3,
        entries: counts({ ERROR: 1 }),
        errorsPerMinute: 1 / 60,
      },
    });
    expect(Object.getPrototypeOf(containerBreakdown)).toBe(null);
  });

  it("shows no number at all when nothing is measured", async () => {
    const metrics = await createLoggingDashboard({ monitor: createMonitor() }).getRealTimeMetrics();
    expect(metrics).toEqual({
      timestamp: expect.any(String),
      systemHealth: { status: "healthy", reasons: [] },
      containerBreakdown: Object.create(null),
      performance: { measured: {} },
      retention: {},
      recentActivity: [],
      errorSummary: undefined,
    });
  });

  it("costs one run however many look within a second", async () => {
    const clock = createFakeClock();
    const monitor = createMonitor({}, { clock });
    const dashboard = createLoggingDashboard({ monitor });
    for (let n = 0; n < 10; n += 1) await dashboard.getRealTimeMetrics();
    expect(monitor.stats().runs).toBe(1);
  });
});
