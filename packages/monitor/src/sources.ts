import type { WriterStatus } from "@waybill/protocols";
import type { DescriptorUsage } from "./gauges/descriptors.ts";
import type { DeviceSpace } from "./gauges/device-space.ts";
import type { EntryTotals } from "./gauges/entry-counters.ts";
import type { EventLoopReading } from "./gauges/event-loop-gauge.ts";
import type { HistogramSnapshot } from "./gauges/latency-histogram.ts";
import type { TreeUsage } from "./gauges/tree-usage.ts";

/** Counters of all writers together; the status of a writer pool, or of one writer, has this shape. */
export interface WriterTotals extends Omit<WriterStatus, "state" | "lastFailure"> {
  /** Streams open now. */
  readonly streams?: number;
  /** Streams that cannot be written at the moment. */
  readonly degraded?: number;
  /** Files that writers hold open. */
  readonly descriptors?: number;
  /** `dropped` by the reason of the loss, such as `queue_full`. Default: one reason, `any`. */
  readonly droppedByReason?: Readonly<Record<string, number>>;
}

/** What maintenance has done since the start. */
export interface LifecycleTotals {
  /** Segments sealed. */
  readonly rotations: number;
  /** Segments archived. */
  readonly archived: number;
  /** Segments deleted by retention. */
  readonly deleted: number;
  /** Bytes that archiving and deleting have freed, net. */
  readonly freedBytes: number;
}

/** A measurement, at once or later. What it throws makes it unmeasured in that run. */
export type Source<T> = () => T | Promise<T>;

/**
 * What a monitor asks in each run. All are optional: what is not given is not measured, and never invented. None should
 * do work that grows with the size of the logs: keep counts, and hand them over.
 */
export interface MonitorSources {
  readonly tree?: Source<TreeUsage>;
  /** See `readDeviceSpace`. */
  readonly device?: Source<DeviceSpace>;
  /** See `createEntryCounters`. */
  readonly entries?: Source<EntryTotals>;
  readonly writers?: Source<WriterTotals>;
  /** From the creation of an entry until the operating system has it. See `createLatencyHistogram`. */
  readonly latency?: Source<HistogramSnapshot>;
  readonly lifecycle?: Source<LifecycleTotals>;
  /** See `createEventLoopGauge`. */
  readonly eventLoop?: Source<EventLoopReading>;
  /** See `readDescriptors`. */
  readonly descriptors?: Source<DescriptorUsage>;
}

/** The name of a source. */
export type SourceName = keyof MonitorSources;

/** What the sources said in one run; a source that is not given, failed or was late is missing. */
export type Measurements = { readonly [Name in SourceName]?: Measured<MonitorSources[Name]> };

type Measured<S> = S extends Source<infer T> ? T : never;

/** A source that said nothing in a run. */
export interface Unmeasured {
  readonly source: SourceName;
  /** What it threw, or that it was late. */
  readonly reason: string;
}
