import type { Level } from "./level.ts";
import type { EventScope } from "./scope.ts";

/** What a caller logs beside the message. Any value is allowed; the codec makes it safe to write. */
export type LogContext = Readonly<Record<string, unknown>>;

/**
 * Who writes: fixed for the life of one logger.
 *
 * Writers serialise a source once and recognise it by identity, so create one per logger, not one per entry.
 */
export interface EntrySource {
  readonly containerId: string;
  readonly componentName: string;
}

/**
 * One entry on its way from a logger to a {@link Writer}. The writer adds `seq`.
 *
 * Immutable: several writers may be handed the same object. A writer that keeps an entry beyond `write()` must
 * serialise it first, because `context` belongs to the caller and may change.
 */
export interface EntryInput {
  /** Milliseconds since the epoch, integer. */
  readonly timestampMs: number;
  readonly level: Level;
  readonly message: string;
  readonly source: EntrySource;
  readonly scope: EventScope;
  readonly correlationId: string | undefined;
  readonly eventId: string | undefined;
  /** W3C trace id, 32 lower-case hex digits, when a trace context is active. */
  readonly traceId: string | undefined;
  /** W3C span id, 16 lower-case hex digits. */
  readonly spanId: string | undefined;
  readonly context: LogContext | undefined;
}

/** One entry as read back from a log tree. Absent fields are undefined. */
export interface LogEntry {
  /** Milliseconds since the epoch. */
  readonly timestampMs: number;
  readonly level: Level;
  readonly message: string;
  readonly containerId: string;
  readonly componentName: string;
  readonly scope: EventScope;
  readonly correlationId: string | undefined;
  readonly eventId: string | undefined;
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  /** Position in its stream, 1 for the first entry ever; rises by one, a hole proves a loss. */
  readonly seq: number;
  readonly context: LogContext;
}
