import type { EntryInput } from "./entry.ts";

/**
 * The state of a writer.
 * - `open`: entries reach their destination.
 * - `degraded`: the destination fails; entries are queued up to the limit, then dropped and counted. Recovers alone.
 * - `closed`: nothing more is accepted.
 */
export type WriterState = "open" | "degraded" | "closed";

/** Counters of a writer, in entries unless said otherwise. At every moment accepted = written + queued + dropped. */
export interface WriterStatus {
  readonly state: WriterState;
  /** Entries taken over by `write`, whatever became of them. */
  readonly accepted: number;
  /** Entries handed to the operating system. */
  readonly written: number;
  /** Entries waiting in memory. */
  readonly queued: number;
  /**
   * Entries lost by declared policy. After a `close` that rejected also those that are not known to be written: the
   * most that can be missing, for a destination that hung may take some of them yet.
   */
  readonly dropped: number;
  /** Bytes handed to the operating system, of all segments since opening. */
  readonly bytesWritten: number;
  /** The last failure, kept after recovery; undefined when there was none. */
  readonly lastFailure:
    | { readonly code: string; readonly message: string; readonly atMs: number }
    | undefined;
}

/**
 * Where entries go. A logger knows nothing else of its destination, so any object of this shape will do: a file, a
 * network, an array in a test.
 */
export interface Writer {
  /**
   * Takes one entry over. Never throws and never waits for a slow destination.
   *
   * @returns false when the entry was dropped or refused and is counted as such; true otherwise.
   */
  write(entry: EntryInput): boolean;
  /**
   * Hands everything accepted so far to the operating system, and in `durable` mode to stable storage.
   *
   * @throws {WaybillError} `WAYBILL_FLUSH_FAILED` or `WAYBILL_SYNC_FAILED` (as a rejection) when that did not happen.
   */
  flush(): Promise<void>;
  /** The same before it returns, for the exit of a process; tells by its result instead of throwing. */
  flushSync(): boolean;
  /** Flushes and ends the writer. Idempotent: every call returns the same promise. */
  close(): Promise<void>;
  status(): WriterStatus;
}
