import { type EntryInput, type EntrySource, severityOf, type Writer } from "@waybill/protocols";
import { summaryOf } from "./summary-entry.ts";

/** How a {@link CorrelationIndex} is made. */
export interface CorrelationIndexOptions {
  /**
   * The writer of `correlations/<prefix>_correlations.log`, asked for once per prefix, and again when it threw.
   *
   * Prefixes are `error`, those taken from ids, and `other`.
   */
  readonly writerFor: (prefix: string) => Writer;
  /**
   * Prefixes beside `error` and `other` that get a stream of their own, integer ≥ 0; ids with later ones go to
   * `other`. Default 16.
   */
  readonly prefixesMax?: number;
  /** Correlation ids remembered, integer ≥ 1. Default 10,000. One that was forgotten is written again. */
  readonly idsMax?: number;
}

/**
 * The index of correlation ids: one line when an id is first seen in a component and scope, and one for every ERROR
 * that carries it. Small enough to read whole, and enough to find every container that an id has touched.
 */
export interface CorrelationIndex {
  /** Writes what this entry adds to the index. Never throws. */
  note(entry: EntryInput): void;
  /** Entries that are not in the index because `writerFor`, or against its contract a writer, threw. */
  readonly missedCount: number;
}

/** Where one id was seen: sources and scopes in turn, since a handful of pairs is searched faster than a set. */
interface Sightings {
  readonly writer: Writer;
  readonly seen: (EntrySource | string)[];
}

/** Pairs remembered of one id; an id that is in more places gets no further lines. */
const sightingsMax = 64;
const prefixPattern = /^([a-z][a-z0-9]{0,31})[_-]/;

/** The streams every index may use whatever the ids look like. */
const errorPrefix = "error";
const otherPrefix = "other";

/** @throws {RangeError} when a limit is no integer of its range. */
export function createCorrelationIndex(options: CorrelationIndexOptions): CorrelationIndex {
  const { writerFor, prefixesMax = 16, idsMax = 10_000 } = options;
  if (!Number.isInteger(prefixesMax) || prefixesMax < 0)
    throw new RangeError(`prefixesMax is ${prefixesMax}, not ≥ 0`);
  if (!Number.isInteger(idsMax) || idsMax < 1) throw new RangeError(`idsMax is ${idsMax}, not ≥ 1`);
  const writers = new Map<string, Writer>();
  const sightingsOf = new Map<string, Sightings>();
  // A ring of the ids in `sightingsOf`, oldest at `next`. Asking the map for its first key instead walks over every
  // place that was deleted since it last grew: a fifth of all time in `benchmarks/src/write --fan-out`.
  const order: string[] = [];
  let next = 0;
  let ownPrefixes = 0;
  let missedCount = 0;

  function openWriter(prefix: string): Writer {
    let writer = writers.get(prefix);
    if (writer === undefined) {
      writer = writerFor(prefix);
      writers.set(prefix, writer);
      if (prefix !== errorPrefix && prefix !== otherPrefix) ownPrefixes++;
    }
    return writer;
  }

  function writerOfId(correlationId: string): Writer {
    const prefix = prefixPattern.exec(correlationId)?.[1] ?? otherPrefix;
    const isKnown = writers.has(prefix) || prefix === errorPrefix || prefix === otherPrefix;
    return openWriter(isKnown || ownPrefixes < prefixesMax ? prefix : otherPrefix);
  }

  function remember(correlationId: string): Sightings {
    const sightings = { writer: writerOfId(correlationId), seen: [] };
    const oldest = order[next];
    if (oldest !== undefined) sightingsOf.delete(oldest);
    order[next] = correlationId;
    next = (next + 1) % idsMax;
    sightingsOf.set(correlationId, sightings);
    return sightings;
  }

  function addToIndex(entry: EntryInput, correlationId: string): void {
    const { source, scope } = entry;
    const sightings = sightingsOf.get(correlationId) ?? remember(correlationId);
    const isError = severityOf[entry.level] >= severityOf.ERROR;
    const isNew = !isSeen(sightings.seen, source, scope) && sightings.seen.length < sightingsMax * 2;
    if (!isNew && !isError) return;
    const summary = summaryOf(entry);
    if (isNew) {
      sightings.seen.push(source, scope);
      sightings.writer.write(summary);
    }
    const errors = isError ? openWriter(errorPrefix) : undefined;
    if (errors !== undefined && !(isNew && errors === sightings.writer)) errors.write(summary);
  }

  return {
    note(entry) {
      if (entry.correlationId === undefined) return;
      try {
        addToIndex(entry, entry.correlationId);
      } catch {
        missedCount++;
      }
    },
    get missedCount() {
      return missedCount;
    },
  };
}

function isSeen(seen: readonly (EntrySource | string)[], source: EntrySource, scope: string): boolean {
  for (let index = 0; index < seen.length; index += 2) {
    if (seen[index] === source && seen[index + 1] === scope) return true;
  }
  return false;
}
