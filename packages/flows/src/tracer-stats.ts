import type { LiveTierStats } from "./live-hops.ts";

/** Counters of one tracer since it was created. */
export interface EventFlowTracerStats {
  /** Records made, whatever became of them. */
  readonly records: number;
  /** Of these: records without a correlation id; no flow can be rebuilt from them. */
  readonly uncorrelated: number;
  /** Of these: records that no writer took. */
  readonly unwritten: number;
  /** Fields shortened to their limit. */
  readonly fieldsCut: number;
  /** Fields or events that were no text or could not be read, replaced. */
  readonly fieldsReplaced: number;
  /** Records sent to `standard`, because their tier was no valid name or one too many. */
  readonly tiersRerouted: number;
  /** Tiers in use that nobody configured. */
  readonly unconfiguredTiers: readonly string[];
  readonly flows: {
    readonly started: number;
    /** Flows that came to rest at least once: every event received, every delivery finished. */
    readonly finished: number;
    /** Flows with at least one failed delivery. */
    readonly failed: number;
    readonly remembered: number;
    readonly evicted: number;
    /** Records not remembered, because their flow was full. The stream has them. */
    readonly recordsDropped: number;
  };
  /** By tier. Hops whose other end is in another process are counted, not timed. */
  readonly tiers: Readonly<Record<string, LiveTierStats>>;
}
