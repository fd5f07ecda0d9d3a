import type { Tier } from "@waybill/protocols";

/**
 * How far a hop came.
 * - `ok`: finished well. An internal event needs no more than its publication to be `ok`.
 * - `error`: the target failed while it worked on the event.
 * - `open`: received and not finished, or published so recently that it may still be on its way.
 * - `lost`: published to another container, never received.
 */
export type HopStatus = "ok" | "error" | "lost" | "open";

/** How a flow stands: the worst of its hops, in the order `failed`, `lost`, `open`, `ok`. */
export type FlowOutcome = "ok" | "failed" | "lost" | "open";

/** Which clock a time was measured with: within one process the monotonic one, else the less exact wall clock. */
export type HopClock = "monotonic" | "wall";

/** One event delivered to one target. Absent times are undefined: that phase left no record. */
export interface Hop {
  /** Position in {@link Flow.hops}; a parent always stands before its children. */
  readonly index: number;
  /** Index of the hop that caused this one; undefined at the start of a flow and for orphans. */
  readonly parent: number | undefined;
  readonly eventId: string;
  readonly parentEventId: string | undefined;
  /** Whether it names a parent event that left no record, or that leads back to itself. */
  readonly orphan: boolean;
  readonly eventType: string;
  readonly source: string;
  /** Undefined when the event was published to an unnamed target and nobody received it. */
  readonly target: string | undefined;
  readonly tier: Tier | "internal";
  /** Milliseconds since the epoch; of the earliest record when there is none of the publication. */
  readonly publishedAtMs: number;
  readonly receivedAtMs: number | undefined;
  readonly finishedAtMs: number | undefined;
  /** Receive − publish, milliseconds with microseconds behind the point. Negative under clock skew, see `skewed`. */
  readonly waitMs: number | undefined;
  /** Finish − receive. */
  readonly workMs: number | undefined;
  readonly status: HopStatus;
  readonly clock: HopClock;
  /** Whether a time came out negative, because the clocks of two processes differ. */
  readonly skewed: boolean;
  /** 1 for the first delivery of this event to this target, 2 for the first repetition, … */
  readonly delivery: number;
  /** Deliveries of this event to this target; those before the last one do not count for the outcome of the flow. */
  readonly deliveries: number;
}

/** The part of a flow's total time that one container took on the critical path. */
export interface ContainerShare {
  readonly container: string;
  /** Hop by which the flow came into the container; undefined for the container that started it. */
  readonly hop: number | undefined;
  /**
   * Milliseconds from the hop's publication to the next hop's publication, in the last hop to its end. For the origin:
   * from the start of the correlation to the first publication, undefined when that start is not known.
   */
  readonly ms: number | undefined;
}

/** All hops of one correlation id. Plain data. */
export interface Flow {
  readonly correlationId: string;
  readonly status: FlowOutcome;
  /** Milliseconds since the epoch: the first publication minus `originMs`. */
  readonly startedAtMs: number;
  /** Sum of `shares`, milliseconds. */
  readonly totalMs: number;
  /** Time that the originating container spent before the first publication; undefined when not recorded. */
  readonly originMs: number | undefined;
  /** Container that published the first event. */
  readonly origin: string;
  /** In causal order, depth first; siblings in the order of publication. */
  readonly hops: readonly Hop[];
  /** Hop indexes from the start to the last hop that ended latest; all hops of a straight line. */
  readonly criticalPath: readonly number[];
  /** The containers along the critical path, the origin first. */
  readonly shares: readonly ContainerShare[];
  /** `wall` when any hop on the critical path was timed across processes. */
  readonly clock: HopClock;
  /** Records that repeat a phase: publications after the first, deliveries after the first, surplus finishes. */
  readonly duplicates: number;
}

/** A flow as a running tracer remembers it. */
export interface LiveFlow extends Flow {
  /**
   * Records that were not remembered because the flow had too many; the stream has them. When there are some, `hops`
   * show the beginning of the flow only, and `status` is at least right about a failure.
   */
  readonly missingRecords: number;
}
