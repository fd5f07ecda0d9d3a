import { createLatencyHistogram, type MonitorSnapshot } from "../../src/index.ts";
import { counts, snapshot, treeUsage } from "./snapshots.ts";

/** A snapshot in which every gauge was measured, with ids that are hard to write down. */
export function fullSnapshot(): MonitorSnapshot {
  const latency = createLatencyHistogram();
  for (const us of [10, 64, 65, 3000, 20_000_000]) latency.record(us);
  const ids = ["strategy_001", 'a"b\\c\nd', "half \ud83d", "half \ude00", "é 😀", "", "{}", "__proto__"];
  const containers = ids.map((containerId, index) => ({
    containerId,
    byLevel: counts({ INFO: index, ERROR: 1 }),
    errorsPerMinute: 1,
    bytes: index * 1000,
    files: 1,
    activeFiles: ["momentum.log"],
  }));
  return snapshot({
    disk: {
      usage: treeUsage({
        totalBytes: 1111,
        bytesByKind: { container: 1000, flow: 100, correlation: 0, system: 10, master: 0 },
        bytesByState: { active: 1000, sealed: 110, archived: 0, temporary: 0, aside: 0 },
        filesByState: { active: 8, sealed: 2, archived: 0, temporary: 0, aside: 0 },
        otherBytes: 1,
      }),
      limitBytes: 10_000,
      usedShare: 0.1111,
      freeBytes: 5e9,
      capacityBytes: 1e10,
      growthBytesPerSecond: 12.5,
      forecast: {
        state: "filling",
        limit: { name: "max_total_size", bound: 10_000, direction: "rising" },
        inMs: 711_120,
        earliestMs: 700_000,
      },
    },
    entries: { byLevel: counts({ INFO: 28, ERROR: 8 }), perMinute: 36, errorsPerMinute: 8 },
    containers: new Map(containers.map((container) => [container.containerId, container])),
    writers: {
      accepted: 36,
      written: 30,
      queued: 1,
      dropped: 5,
      bytesWritten: 3000,
      streams: 8,
      degraded: 1,
      descriptors: 8,
      droppedByReason: { queue_full: 4, disk_full: 1 },
      droppedPerMinute: 5,
      bytesPerSecond: 50,
    },
    latency: { total: latency.snapshot(), p50Ms: 0.065, p99Ms: 20_000, maxMs: 20_000 },
    eventLoop: { delayMeanMs: 0.5, delayP99Ms: 3, delayMaxMs: 12, utilization: 0.25 },
    descriptors: { open: 40, limit: 1024 },
    lifecycle: { rotations: 3, archived: 2, deleted: 1, freedBytes: 4096 },
    unmeasured: [{ source: "device", reason: "EIO" }],
  });
}
