import { type EntryInput, WaybillError, type Writer, type WriterStatus } from "@waybill/protocols";
import { snapshotContext } from "./context-snapshot.ts";

/** Options of {@link createMemoryWriter}. */
export interface MemoryWriterOptions {
  /** Entries kept, integer ≥ 0; further ones are dropped and counted. Default: no limit. */
  readonly limit?: number;
  /** Entries for which this returns true are dropped and counted, as on a broken disk. Default: none. */
  readonly fail?: (entry: EntryInput) => boolean;
}

/** A {@link Writer} that keeps what it is given. */
export interface MemoryWriter extends Writer {
  /** Copies of the entries written, in order, as they were at the moment of `write`. */
  readonly entries: readonly EntryInput[];
  /**
   * Makes the next calls fail: `write` drops the entry and returns false; `flush` rejects with
   * `WAYBILL_FLUSH_FAILED`, `flushSync` returns false.
   *
   * @param operation - default "write".
   * @param times - calls, integer ≥ 1. Default 1.
   */
  failNext(operation?: "write" | "flush", times?: number): void;
  /** Forgets the entries; the counters stay. */
  clear(): void;
}

function snapshotEntry(entry: EntryInput): EntryInput {
  const context = entry.context === undefined ? undefined : snapshotContext(entry.context);
  return { ...entry, source: { ...entry.source }, context };
}

/**
 * Creates a writer for tests, and for showing what was logged without files. Nothing waits in it: an entry is kept
 * or dropped when `write` returns, so `queued` is always 0, and `bytesWritten` too because nothing is serialised.
 */
export function createMemoryWriter({ limit, fail }: MemoryWriterOptions = {}): MemoryWriter {
  const entries: EntryInput[] = [];
  const failures = { write: 0, flush: 0 };
  let accepted = 0;
  let written = 0;
  let state: WriterStatus["state"] = "open";
  let lastFailure: WriterStatus["lastFailure"];
  let closing: Promise<void> | undefined;

  function consumeFailure(operation: "write" | "flush"): boolean {
    if (failures[operation] === 0) return false;
    failures[operation] -= 1;
    return true;
  }

  function refusalOf(entry: EntryInput): string | undefined {
    if (consumeFailure("write") || fail?.(entry) === true) return "EIO";
    return limit !== undefined && entries.length >= limit ? "ENOSPC" : undefined;
  }

  function flushSync(): boolean {
    return !consumeFailure("flush");
  }

  function flush(): Promise<void> {
    if (flushSync()) return Promise.resolve();
    return Promise.reject(new WaybillError("WAYBILL_FLUSH_FAILED", "flush failed on request of the test"));
  }

  return {
    entries,
    write(entry) {
      if (state === "closed") return false;
      accepted += 1;
      const code = refusalOf(entry);
      if (code === undefined) {
        entries.push(snapshotEntry(entry));
        written += 1;
        state = "open";
        return true;
      }
      state = "degraded";
      lastFailure = { code, message: "memory writer dropped an entry", atMs: entry.timestampMs };
      return false;
    },
    flush,
    flushSync,
    close() {
      state = "closed";
      closing ??= flush();
      return closing;
    },
    status: () => ({
      state,
      accepted,
      written,
      queued: 0,
      dropped: accepted - written,
      bytesWritten: 0,
      lastFailure,
    }),
    failNext(operation = "write", times = 1) {
      failures[operation] += times;
    },
    clear() {
      entries.length = 0;
    },
  };
}
