import type { EntryInput } from "@waybill/protocols";

/** The same entry without its context: what `master.log` and `correlations/` say of it. */
export function summaryOf(entry: EntryInput): EntryInput {
  // Written out: a spread of ten fields costs about five times as much, on every entry.
  return {
    timestampMs: entry.timestampMs,
    level: entry.level,
    message: entry.message,
    source: entry.source,
    scope: entry.scope,
    correlationId: entry.correlationId,
    eventId: entry.eventId,
    traceId: entry.traceId,
    spanId: entry.spanId,
    context: undefined,
  };
}
