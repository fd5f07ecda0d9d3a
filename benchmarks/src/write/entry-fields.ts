import type { BenchEntry } from "./workload.ts";

/** What every peer writes beside time, level, message, container and component. */
export interface EntryFields {
  readonly event_scope: string;
  readonly correlation_id: string | undefined;
  readonly context: Readonly<Record<string, unknown>>;
}

/** The fields of an entry, keyed as in ours. */
export function fieldsOf(entry: BenchEntry): EntryFields {
  return { event_scope: entry.scope, correlation_id: entry.correlationId, context: entry.context };
}
