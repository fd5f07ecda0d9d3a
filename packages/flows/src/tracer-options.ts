import type { Clock, Tier, Writer } from "@waybill/protocols";

/** How an event flow tracer is set up. */
export interface EventFlowTracerOptions {
  /** Stands for the container of internal events that name none. 1 to 256 characters. */
  readonly coordinatorId: string;
  /**
   * Gives the writer of a tier's stream; asked once per tier, on its first record. The tracer neither flushes nor
   * closes it. When it throws, the records of that tier are counted as unwritten.
   */
  readonly writerFor: (tier: Tier | "internal") => Writer;
  /** Tiers beside `fast`, `standard` and `reliable`. Default: none. Other valid names work too, and are reported. */
  readonly tiers?: readonly Tier[];
  /** Flows kept for `traceSignalFlow`, integer ≥ 1. Default 1000. Older ones are forgotten and counted. */
  readonly historyFlowsMax?: number;
  /** Records kept of one flow, integer ≥ 1. Default 256. Further ones are counted; the stream has them all. */
  readonly historyRecordsPerFlowMax?: number;
  /** Milliseconds that a flow is kept after its first record, > 0. Default 600 000 (10 minutes). */
  readonly historyMaxAgeMs?: number;
  /** Events remembered to time them while they happen, integer ≥ 1. Default 10 000. */
  readonly liveEventsMax?: number;
  /** An event without a receive counts as lost after this many milliseconds, ≥ 0. Default 5000. */
  readonly lostAfterMs?: number;
}

/** What the tracer needs of its surroundings; each has a real default. */
export interface EventFlowTracerPorts {
  readonly clock?: Clock;
  /** Names the monotonic clock of `clock`. Default: process id and start. */
  readonly clockId?: string;
  /** Makes event ids, each used once. Default: `evt_<random series>_<n>`. */
  readonly newEventId?: () => string;
}

/** The options with defaults filled in. @throws RangeError or TypeError on a wrong value. */
export function resolveTracerOptions(options: EventFlowTracerOptions): Required<EventFlowTracerOptions> {
  const { coordinatorId, writerFor } = options;
  if (typeof coordinatorId !== "string" || coordinatorId.length < 1 || coordinatorId.length > 256) {
    throw new TypeError("coordinatorId must be a text of 1 to 256 characters");
  }
  if (typeof writerFor !== "function") throw new TypeError("writerFor must be a function");
  return {
    coordinatorId,
    writerFor,
    tiers: options.tiers ?? [],
    historyFlowsMax: countOf("historyFlowsMax", options.historyFlowsMax, 1000),
    historyRecordsPerFlowMax: countOf("historyRecordsPerFlowMax", options.historyRecordsPerFlowMax, 256),
    historyMaxAgeMs: countOf("historyMaxAgeMs", options.historyMaxAgeMs, 600_000),
    liveEventsMax: countOf("liveEventsMax", options.liveEventsMax, 10_000),
    lostAfterMs: countOf("lostAfterMs", options.lostAfterMs, 5000, 0),
  };
}

function countOf(name: string, value: number | undefined, fallback: number, least = 1): number {
  if (value === undefined) return fallback;
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new RangeError(`${name} must be an integer ≥ ${least}, got ${value}`);
}
