import type { Clock } from "@waybill/protocols";

/** The bounds of a {@link CorrelationHistory}. */
export interface HistoryLimits {
  /** Correlation ids, integer ≥ 1. */
  readonly idsMax: number;
  /** Events of one id, integer ≥ 1. */
  readonly eventsPerIdMax: number;
  /** Milliseconds since the last event of an id, > 0. */
  readonly maxAgeMs: number;
}

/** What a history holds and what it let go, since its creation. */
export interface HistoryStats {
  /** Correlation ids held. */
  readonly ids: number;
  /** Events held, of all ids. */
  readonly events: number;
  /** Ids forgotten, with all their events, because there were too many ids or their last event was too old. */
  readonly idsForgotten: number;
  /** Events forgotten: the oldest ones of an id that had too many, and those of forgotten ids. */
  readonly eventsForgotten: number;
}

interface Chain {
  readonly eventIds: string[];
  lastUs: number;
}

/** Which events belong to which correlation, within bounds of count and age. */
export interface CorrelationHistory {
  add(correlationId: string, eventId: string): void;
  /** The events of an id, oldest first; a copy, empty for an id that is not held. */
  chainOf(correlationId: string): string[];
  stats(): HistoryStats;
}

/** Creates an empty history. Age is checked on every call, not by a timer: an idle history keeps what it has. */
export function createHistory(limits: HistoryLimits, clock: Pick<Clock, "monotonicUs">): CorrelationHistory {
  /** In order of the last event, the oldest first: every addition moves its chain to the end. */
  const chains = new Map<string, Chain>();
  let events = 0;
  let idsForgotten = 0;
  let eventsForgotten = 0;

  function forgetOld(): void {
    const oldestUs = clock.monotonicUs() - limits.maxAgeMs * 1000;
    for (const [id, chain] of chains) {
      if (chains.size <= limits.idsMax && chain.lastUs >= oldestUs) return;
      chains.delete(id);
      idsForgotten += 1;
      events -= chain.eventIds.length;
      eventsForgotten += chain.eventIds.length;
    }
  }

  return {
    add(correlationId, eventId) {
      forgetOld();
      const chain = chains.get(correlationId) ?? { eventIds: [], lastUs: 0 };
      chain.lastUs = clock.monotonicUs();
      chain.eventIds.push(eventId);
      events += 1;
      if (chain.eventIds.length > limits.eventsPerIdMax) {
        chain.eventIds.shift();
        events -= 1;
        eventsForgotten += 1;
      }
      chains.delete(correlationId);
      chains.set(correlationId, chain);
      forgetOld();
    },
    chainOf(correlationId) {
      forgetOld();
      return [...(chains.get(correlationId)?.eventIds ?? [])];
    },
    stats() {
      forgetOld();
      return { ids: chains.size, events, idsForgotten, eventsForgotten };
    },
  };
}
