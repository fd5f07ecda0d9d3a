import { type Clock, type CorrelationAware, systemClock } from "@waybill/protocols";
import { cleanId } from "./correlation-id.ts";
import { createHistory, type HistoryStats } from "./history.ts";
import { changeCorrelationId, getCorrelationId } from "./run.ts";

/** What {@link createCorrelationTracker} can be told. */
export interface CorrelationTrackerOptions {
  /** Correlation ids in the history, integer ≥ 1. Default 1,000. The one without events for longest goes first. */
  readonly idsMax?: number;
  /** Events kept of one id, integer ≥ 1. Default 256. The oldest go first. */
  readonly eventsPerIdMax?: number;
  /** Milliseconds after the last event of an id until it is forgotten, > 0. Default 3,600,000 (one hour). */
  readonly maxAgeMs?: number;
  /** Default the clock of this process. */
  readonly clock?: Pick<Clock, "monotonicUs">;
  /**
   * Called the first time that `setCorrelationId` is called outside any correlation, where the id becomes the default
   * of this tracker and so of all tasks that share it: usually a missing `runWithCorrelation`. What it throws is
   * swallowed. Default: nobody is told.
   */
  readonly onUnscopedSet?: (correlationId: string) => void;
}

/** Counters of a {@link CorrelationTracker}. */
export interface CorrelationTrackerStats extends HistoryStats {
  /** Events given to `trackEvent` that were not kept: outside any correlation, or without a usable id. */
  readonly eventsUntracked: number;
}

/** The correlation of the running code, and a bounded memory of which events belong to which correlation. */
export interface CorrelationTracker extends CorrelationAware {
  /**
   * Changes the id of the current scope, for all code that was started from that scope. Outside any correlation it
   * sets the default of this tracker. An id of which nothing is left (`""`) takes that default back and changes no
   * scope. Prefer `runWithCorrelation`, which ends by itself.
   */
  setCorrelationId(correlationId: string): void;
  /** The id of the current scope; outside any correlation the default of this tracker. */
  getCorrelationId(): string | undefined;
  /** Adds an event to the chain of the current correlation id. Never throws. */
  trackEvent(eventId: string): void;
  /** The events of a correlation id as far as they are remembered, oldest first; a copy, empty when there are none. */
  getCorrelationChain(correlationId: string): string[];
  stats(): CorrelationTrackerStats;
}

function checkedCount(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new RangeError(`${name} is ${value}, but must be an integer of at least 1`);
}

function checkedAge(maxAgeMs: number): number {
  if (maxAgeMs > 0) return maxAgeMs;
  throw new RangeError(`maxAgeMs is ${maxAgeMs}, but must be greater than 0`);
}

/**
 * Creates a tracker. All trackers see the same current correlation, because there is one store per process; the
 * history and the default id are the tracker's own. The history is a bounded memory for questions at run time: what
 * it forgets is counted, and the log tree still has it.
 *
 * @throws {RangeError} when a limit is out of range.
 */
export function createCorrelationTracker(options: CorrelationTrackerOptions = {}): CorrelationTracker {
  const history = createHistory(
    {
      idsMax: checkedCount("idsMax", options.idsMax ?? 1000),
      eventsPerIdMax: checkedCount("eventsPerIdMax", options.eventsPerIdMax ?? 256),
      maxAgeMs: checkedAge(options.maxAgeMs ?? 3_600_000),
    },
    options.clock ?? systemClock,
  );
  let defaultId: string | undefined;
  let warned = false;
  let eventsUntracked = 0;

  function warnOnce(correlationId: string): void {
    if (warned) return;
    warned = true;
    try {
      options.onUnscopedSet?.(correlationId);
    } catch {
      // A failing observer must not keep the id from being set.
    }
  }

  return {
    setCorrelationId(correlationId) {
      const id = cleanId(correlationId);
      if (id !== undefined && changeCorrelationId(id)) return;
      if (getCorrelationId() !== undefined) return;
      defaultId = id;
      if (id !== undefined) warnOnce(id);
    },
    getCorrelationId: () => getCorrelationId() ?? defaultId,
    trackEvent(eventId) {
      const id = getCorrelationId() ?? defaultId;
      const event = cleanId(eventId);
      if (id === undefined || event === undefined) eventsUntracked += 1;
      else history.add(id, event);
    },
    getCorrelationChain(correlationId) {
      const id = cleanId(correlationId);
      return id === undefined ? [] : history.chainOf(id);
    },
    stats: () => ({ ...history.stats(), eventsUntracked }),
  };
}
