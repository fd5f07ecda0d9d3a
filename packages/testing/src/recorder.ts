import {
  type Clock,
  type ContainerAware,
  type CorrelationAware,
  type Level,
  type LogContext,
  type Loggable,
  parseLevel,
  systemClock,
} from "@waybill/protocols";
import { snapshotContext } from "./context-snapshot.ts";

/** One call of `log`, as it was at that moment. */
export interface RecordedEntry {
  /** Milliseconds since the epoch. */
  readonly timestampMs: number;
  readonly level: Level;
  readonly message: string;
  /** A copy; undefined when none was passed. */
  readonly context: LogContext | undefined;
  readonly correlationId: string | undefined;
  readonly containerId: string;
  readonly componentName: string;
}

/** What {@link Recorder.find} looks for; every given field must match. */
export interface RecordedEntryQuery {
  /** Either vocabulary, any case (`warn`, `WARNING`). */
  readonly level?: string;
  /** A text contained in the message, or a pattern that matches it. */
  readonly message?: string | RegExp;
  readonly containerId?: string;
  readonly componentName?: string;
  readonly correlationId?: string;
}

/** What a component under test is given in place of its logger. */
export interface RecordingLogger extends Loggable, CorrelationAware, ContainerAware {}

/** A logger that keeps what it is told, and answers questions about it. */
export interface Recorder extends RecordingLogger {
  /** All entries of this recorder and its {@link Recorder.forComponent} loggers, in order of `log`. */
  readonly entries: readonly RecordedEntry[];
  find(query: RecordedEntryQuery): readonly RecordedEntry[];
  clear(): void;
  /** Another logger that records here, with ids and a correlation id of its own. */
  forComponent(containerId: string, componentName: string): RecordingLogger;
}

/** Options of {@link createRecorder}. */
export interface RecorderOptions {
  /** Default "container". */
  readonly containerId?: string;
  /** Default "component". */
  readonly componentName?: string;
  /** Where the times come from. Default: the system clock. */
  readonly clock?: Pick<Clock, "now">;
}

function matches(entry: RecordedEntry, query: RecordedEntryQuery): boolean {
  const { level, message } = query;
  if (level !== undefined && entry.level !== parseLevel(level)) return false;
  if (typeof message === "string" && !entry.message.includes(message)) return false;
  // search() ignores lastIndex, so that a pattern with the flag g gives the same answer each time.
  if (message instanceof RegExp && entry.message.search(message) < 0) return false;
  const exact = ["containerId", "componentName", "correlationId"] as const;
  return exact.every((key) => query[key] === undefined || query[key] === entry[key]);
}

/**
 * Creates a recorder, so that a component that logs can be tested without files.
 *
 * Entries are kept without limit until {@link Recorder.clear}.
 */
export function createRecorder(options: RecorderOptions = {}): Recorder {
  const { clock = systemClock } = options;
  const entries: RecordedEntry[] = [];

  function createLogger(containerId: string, componentName: string): RecordingLogger {
    let correlationId: string | undefined;
    return {
      containerId,
      componentName,
      log(level, message, context) {
        entries.push({
          timestampMs: clock.now(),
          level: parseLevel(level) ?? "INFO",
          message,
          context: context === undefined ? undefined : snapshotContext(context),
          correlationId,
          containerId,
          componentName,
        });
      },
      setCorrelationId(id) {
        correlationId = id;
      },
      getCorrelationId: () => correlationId,
    };
  }

  return {
    ...createLogger(options.containerId ?? "container", options.componentName ?? "component"),
    entries,
    find: (query) => entries.filter((entry) => matches(entry, query)),
    clear() {
      entries.length = 0;
    },
    forComponent: createLogger,
  };
}
