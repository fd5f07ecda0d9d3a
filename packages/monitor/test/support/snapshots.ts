import type { Level } from "@waybill/protocols";
import type { LevelCounts, MonitorSnapshot, TreeUsage } from "../../src/index.ts";

/** Counts that are 0 but for the given ones. */
export function counts(given: Partial<Record<Level, number>> = {}): LevelCounts {
  return { TRACE: 0, DEBUG: 0, INFO: 0, WARNING: 0, ERROR: 0, CRITICAL: 0, ...given };
}

/** The usage of a tree that has nothing but what is given. */
export function treeUsage(given: Partial<TreeUsage> = {}): TreeUsage {
  return {
    totalBytes: 0,
    bytesByKind: { container: 0, flow: 0, correlation: 0, system: 0, master: 0 },
    bytesByState: { active: 0, sealed: 0, archived: 0, temporary: 0, aside: 0 },
    filesByState: { active: 0, sealed: 0, archived: 0, temporary: 0, aside: 0 },
    otherBytes: 0,
    containers: [],
    ...given,
  };
}

/** A snapshot of a run without sources, but for what is given. */
export function snapshot(given: Partial<MonitorSnapshot> = {}): MonitorSnapshot {
  return {
    atMs: Date.UTC(2026, 0, 1),
    uptimeMs: 60_000,
    disk: {
      usage: undefined,
      limitBytes: undefined,
      usedShare: undefined,
      freeBytes: undefined,
      capacityBytes: undefined,
      growthBytesPerSecond: undefined,
      forecast: undefined,
    },
    entries: undefined,
    containers: new Map(),
    writers: undefined,
    latency: undefined,
    eventLoop: undefined,
    descriptors: undefined,
    lifecycle: undefined,
    unmeasured: [],
    monitor: { runs: 1, lastRunUs: 250, longestRunUs: 900, sourceFailures: 0, callbackFailures: 0 },
    ...given,
  };
}
