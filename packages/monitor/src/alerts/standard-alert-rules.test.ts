import { describe, expect, it } from "vitest";
import { counts, snapshot, treeUsage } from "../../test/support/snapshots.ts";
import { createLatencyHistogram } from "../gauges/latency-histogram.ts";
import type { MonitorSnapshot } from "../snapshot.ts";
import { createAlertRules } from "./alert-rules.ts";
import { type StandardThresholds, standardAlertRules } from "./standard-alert-rules.ts";

const { disk } = snapshot();
const gib = 2 ** 30;
const writers = {
  accepted: 10,
  written: 0,
  queued: 0,
  dropped: 0,
  bytesWritten: 0,
  droppedPerMinute: 0,
  bytesPerSecond: 0,
};
const limit = { name: "max_total_size", bound: 10 * gib, direction: "rising" } as const;
const latency = { total: createLatencyHistogram().snapshot(), p50Ms: 1, p99Ms: 250, maxMs: 300 };
const eventLoop = { delayMeanMs: 1, delayP99Ms: 2, delayMaxMs: 80, utilization: 0.5 };
const container = { byLevel: counts(), bytes: 0, files: 0, activeFiles: [] };

const cases: readonly (readonly [StandardThresholds, Partial<MonitorSnapshot>, string, string, string])[] = [
  [
    { diskUsageBytes: 8 * gib },
    {
      disk: {
        ...disk,
        usage: treeUsage({ totalBytes: 8.5 * gib }),
        forecast: { state: "filling", limit, inMs: 97_200_000, earliestMs: 0 },
      },
    },
    "disk_usage",
    "warning",
    "the log tree takes 8.5 GiB, threshold 8 GiB; full in 1 d 3 h (max_total_size 10 GiB)",
  ],
  [
    { freeDiskBytes: gib },
    { disk: { ...disk, freeBytes: gib / 2 } },
    "free_disk",
    "critical",
    "512 MiB are free on the device, threshold 1 GiB",
  ],
  [
    { freeDiskShare: 0.05 },
    { disk: { ...disk, freeBytes: gib / 2, capacityBytes: 16 * gib } },
    "free_disk",
    "critical",
    "3.13 % of the device (512 MiB) are free, threshold 5 %",
  ],
  [
    { diskFullInMs: 86_400_000 },
    { disk: { ...disk, forecast: { state: "filling", limit, inMs: 7_200_000, earliestMs: 0 } } },
    "disk_forecast",
    "warning",
    "full in 2 h (max_total_size 10 GiB), threshold 1 d",
  ],
  [
    { errorsPerMinute: 10 },
    { entries: { byLevel: counts(), perMinute: 100, errorsPerMinute: 11 } },
    "error_rate",
    "warning",
    "error_rate is 11 per_minute, threshold 10",
  ],
  [
    { containerErrorsPerMinute: 5 },
    {
      entries: { byLevel: counts(), perMinute: 100, errorsPerMinute: 6 },
      containers: new Map([
        ["calm", { ...container, containerId: "calm", errorsPerMinute: 0 }],
        ["loud", { ...container, containerId: "loud", errorsPerMinute: 6 }],
      ]),
    },
    "container_error_rate",
    "warning",
    "container_error_rate of loud is 6 per_minute, threshold 5",
  ],
  [
    { writeLatencyMs: 200 },
    { latency },
    "write_latency",
    "warning",
    "write_latency is 250 ms, threshold 200",
  ],
  [
    { queuedEntries: 100 },
    { writers: { ...writers, queued: 101 } },
    "queue_depth",
    "warning",
    "queue_depth is 101 entries, threshold 100",
  ],
  [
    { droppedPerMinute: 1 },
    { writers: { ...writers, droppedPerMinute: 2 } },
    "entries_dropped",
    "critical",
    "entries_dropped is 2 per_minute, threshold 1",
  ],
  [
    { degradedStreams: 0 },
    { writers: { ...writers, degraded: 1 } },
    "degraded_streams",
    "critical",
    "degraded_streams is 1 streams, threshold 0",
  ],
  [
    { eventLoopDelayMs: 50 },
    { eventLoop },
    "event_loop_delay",
    "warning",
    "event_loop_delay is 80 ms, threshold 50",
  ],
  [
    { openFilesShare: 0.8 },
    { descriptors: { open: 900, limit: 1024 } },
    "open_files",
    "warning",
    "open_files is 0.8789 share, threshold 0.8",
  ],
];

describe("standardAlertRules", () => {
  it.each(cases)(
    "%j: begins, and not when nothing was measured",
    (thresholds, given, alert, severity, message) => {
      const rules = createAlertRules(standardAlertRules(thresholds));
      expect(rules.evaluate(snapshot(), 0)).toEqual([]);
      expect(rules.evaluate(snapshot(given), 1)).toEqual([
        expect.objectContaining({ alert, severity, message, change: "fired" }),
      ]);
      expect(rules.failures).toBe(0);
    },
  );

  it("has one case above for every threshold", () => {
    const named = cases.flatMap(([thresholds]) => Object.keys(thresholds));
    const all: Record<keyof StandardThresholds, number> = {
      diskUsageBytes: 1,
      freeDiskBytes: 1,
      freeDiskShare: 1,
      diskFullInMs: 1,
      errorsPerMinute: 1,
      containerErrorsPerMinute: 1,
      writeLatencyMs: 1,
      queuedEntries: 1,
      droppedPerMinute: 1,
      degradedStreams: 1,
      eventLoopDelayMs: 1,
      openFilesShare: 1,
    };
    expect(named.toSorted()).toEqual(Object.keys(all).toSorted());
    expect(standardAlertRules(all)).toHaveLength(named.length);
    expect(standardAlertRules({})).toEqual([]);
  });

  it("ends at nine tenths of a threshold, or at ten ninths of one for values that are too low", () => {
    const [usage, free] = standardAlertRules({ diskUsageBytes: 1000, freeDiskBytes: 900 });
    expect([usage?.clearsAt, free?.clearsAt]).toEqual([900, 1000]);
  });

  it("ends the forecast's alert when the disk is not filling any more", () => {
    const rules = createAlertRules(standardAlertRules({ diskFullInMs: 86_400_000 }));
    rules.evaluate(snapshot({ disk: { ...disk, forecast: { state: "full", limit } } }), 0);
    const unknown = rules.evaluate(snapshot({ disk: { ...disk, forecast: { state: "unknown" } } }), 1);
    const steady = rules.evaluate(snapshot({ disk: { ...disk, forecast: { state: "steady" } } }), 2);
    expect([unknown, steady.map(({ message }) => message)]).toEqual([
      [],
      ["ended: not filling, threshold 1 d"],
    ]);
  });

  it("tells of the first entry that is lost when none may be, and ends when none is lost any more", () => {
    const rules = createAlertRules(standardAlertRules({ droppedPerMinute: 0 }));
    const told = [0, 0.001, 0.001, 0].map((droppedPerMinute, at) =>
      rules.evaluate(snapshot({ writers: { ...writers, droppedPerMinute } }), at).map(({ change }) => change),
    );
    expect(told).toEqual([[], ["fired"], [], ["resolved"]]);
  });

  it("passes the timing on to every rule", () => {
    const timing = { forMs: 1, coolDownMs: 2, repeatMs: 3 };
    expect(standardAlertRules({ errorsPerMinute: 1 }, timing)[0]).toMatchObject(timing);
  });

  it.each([
    [{ freeDiskBytes: 0 }, {}],
    [{ errorsPerMinute: -1 }, {}],
    [{ errorsPerMinute: Number.NaN }, {}],
    [{ errorsPerMinute: 1 }, { clearShare: 1.1 }],
    [{ errorsPerMinute: 1 }, { clearShare: 0 }],
  ])("refuses %j with %j", (thresholds, options) => {
    expect(() => standardAlertRules(thresholds, options)).toThrow(RangeError);
  });

  it.each([0.1, 0.6, 0.9])(
    "ends an alert for %s of the device at a share that a device can have",
    (share) => {
      const rule = standardAlertRules({ freeDiskShare: share }, { clearShare: 0.5 })[0];
      expect(rule?.clearsAt).toBeGreaterThan(share);
      expect(rule?.clearsAt).toBeLessThan(1);
    },
  );
});
