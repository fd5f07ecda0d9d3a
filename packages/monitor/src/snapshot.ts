import type { DescriptorUsage } from "./gauges/descriptors.ts";
import type { EventLoopReading } from "./gauges/event-loop-gauge.ts";
import type { Forecast } from "./gauges/forecast.ts";
import type { HistogramSnapshot } from "./gauges/latency-histogram.ts";
import type { LevelCounts } from "./gauges/level-counts.ts";
import type { TreeUsage } from "./gauges/tree-usage.ts";
import type { LifecycleTotals, Unmeasured, WriterTotals } from "./sources.ts";

/** The disk, as far as it is the business of the log tree. */
export interface DiskGauges {
  /** Undefined when the tree was not measured. */
  readonly usage: Omit<TreeUsage, "containers"> | undefined;
  /** Bytes that the tree may take; undefined without a limit. */
  readonly limitBytes: number | undefined;
  /** Share of the limit that is taken, 1 = full. */
  readonly usedShare: number | undefined;
  /** Bytes free on the device; undefined when that was not measured. */
  readonly freeBytes: number | undefined;
  readonly capacityBytes: number | undefined;
  /** Growth of the tree over the forecast window, negative when it shrinks. */
  readonly growthBytesPerSecond: number | undefined;
  /** Of the limit that is reached first; undefined without limits. */
  readonly forecast: Forecast | undefined;
}

/** Entries of all containers. */
export interface EntryGauges {
  readonly byLevel: LevelCounts;
  readonly perMinute: number;
  /** Entries of level ERROR and above, per minute. */
  readonly errorsPerMinute: number;
}

/** One container. What was not measured is undefined. */
export interface ContainerGauges {
  readonly containerId: string;
  readonly byLevel: LevelCounts | undefined;
  readonly errorsPerMinute: number | undefined;
  readonly bytes: number | undefined;
  readonly files: number | undefined;
  readonly activeFiles: readonly string[];
}

/** All writers together. */
export interface WriterGauges extends WriterTotals {
  readonly droppedPerMinute: number;
  readonly bytesPerSecond: number;
}

/** From the creation of an entry until the operating system has it. */
export interface LatencyGauges {
  /** Since the start. */
  readonly total: HistogramSnapshot;
  /** Milliseconds, over the last minute or so; undefined when nothing was written in it. */
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly maxMs: number | undefined;
}

/**
 * Everything that a run measured. A gauge that could not be measured is undefined and named in `unmeasured`, or has no
 * source; no number is made up or carried over from an earlier run.
 */
export interface MonitorSnapshot {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** Milliseconds since the monitor was created, by the monotonic clock. */
  readonly uptimeMs: number;
  readonly disk: DiskGauges;
  readonly entries: EntryGauges | undefined;
  /** By container id: those that the tree or the counters know. */
  readonly containers: ReadonlyMap<string, ContainerGauges>;
  readonly writers: WriterGauges | undefined;
  readonly latency: LatencyGauges | undefined;
  readonly eventLoop: EventLoopReading | undefined;
  readonly descriptors: DescriptorUsage | undefined;
  readonly lifecycle: LifecycleTotals | undefined;
  readonly unmeasured: readonly Unmeasured[];
  readonly monitor: MonitorStats;
}

/** Counters of a monitor itself; in a snapshot, as they stood before its alerts were told. */
export interface MonitorStats {
  /** Runs, this one included. */
  readonly runs: number;
  /** Microseconds of computation of the last run that ended, without the sources. */
  readonly lastRunUs: number;
  readonly longestRunUs: number;
  /** Answers that sources owe. */
  readonly sourceFailures: number;
  /** Listeners, rules and alert receivers that threw. */
  readonly callbackFailures: number;
}
