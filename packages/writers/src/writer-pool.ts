import type { EncodingLimits } from "@waybill/log-tree";
import type { Clock, FileSystem, Writer, WriterStatus } from "@waybill/protocols";
import type { WriterFailure } from "./failure.ts";
import type { ProcessTable } from "./ownership/process-identity.ts";
import { SharedWriters } from "./shared-writers.ts";
import type { StreamOptions } from "./writer-options.ts";

/** What a pool is made with. Every field has a default. */
export interface WriterPoolOptions {
  /**
   * Which thread writes. `worker`: a worker thread, so that a slow disk keeps neither the application nor its own file
   * calls waiting; streams of mode `sync` are written by the thread that logs all the same. `inline`: the thread that
   * logs. Default `worker` where one can be started, with the real file system and clock.
   */
  readonly placement?: "worker" | "inline";
  /**
   * Where the lock of a directory lies. A second process that finds it taken writes part files of its own, which
   * readers merge. Default `.waybill.lock` in the directory; `none` where this process is known to be the only one.
   */
  readonly lockFileOf?: ((directory: string) => string) | "none";
  /**
   * Where the numbers lie that a stream has used and its directory may not show any more, because sealed segments were
   * archived or deleted: a `StreamFloor` of `@waybill/log-tree`, raised by whoever does that. Called with the absolute
   * path of the active segment. Default: nowhere, so `seq` and the numbers of segments begin anew in an emptied directory.
   */
  readonly floorFileOf?: (activePath: string) => string;
  /**
   * Bytes that all streams may hold back together while their files cannot be written, besides one gap record each.
   * ≥ 65,536. Default 64 MiB.
   */
  readonly queuesBytesMax?: number;
  /**
   * Open files at most, integer ≥ 1, divided among the threads; each has one at least. Default min(256, soft limit / 4).
   */
  readonly descriptorsMax?: number;
  /** Bounds on one entry. */
  readonly limits?: Partial<EncodingLimits>;
  /** Told when a stream begins to fail or fails in another way; not for each failed call. What it throws is ignored. */
  readonly onFailure?: (failure: WriterFailure) => void;
  /** Told with the path of a stream that failed and has caught up. What it throws is ignored. */
  readonly onRecovered?: (path: string) => void;
  /** Told with the path of each sealed segment. What it throws is ignored. */
  readonly onSealed?: (sealedPath: string) => void;
}

/** What a pool needs of its surroundings; the real ones unless given. */
export interface WriterPoolPorts {
  /** `compress` alone goes past it, to the disk: it is asynchronous, and streams. */
  readonly fileSystem?: FileSystem;
  readonly clock?: Clock;
  /** Who runs, for the locks. Default: this machine's; with another file system: no locks. */
  readonly processes?: ProcessTable;
}

/** Counters of all streams of a pool, added up, and of the pool itself. */
export interface WriterPoolStatus extends Omit<WriterStatus, "state" | "lastFailure"> {
  /** Streams open now. */
  readonly streams: number;
  /** Streams that cannot be written at the moment. */
  readonly degraded: number;
  /** Open files, of all threads. */
  readonly descriptors: number;
}

/**
 * The writers of one process: one per path, however often it is opened, with a common encoder, flush timers, a bounded
 * number of open files, and a flush at exit.
 */
export interface WriterPool {
  /**
   * The writer of a path `…/<component>.log`. Directory and file are created with the first entry.
   *
   * Opening the path again gives another handle on the same writer; the file is closed with its last handle.
   *
   * @throws {TypeError | RangeError} for a path or option that cannot be.
   * @throws {WaybillError} `WAYBILL_WRITER_CONFLICT` when the path is open with other options, `WAYBILL_WRITER_CLOSED`
   * after `close`.
   */
  open(path: string, options?: StreamOptions): Writer;
  /** Flushes all streams. @throws {WaybillError} `WAYBILL_FLUSH_FAILED` after trying every one. */
  flush(): Promise<void>;
  /** Flushes all before it returns. @returns whether nothing is left in memory. */
  flushSync(): boolean;
  /** Has every stream look whether its path still means its file. For rotation by somebody else, as on SIGHUP. */
  reopen(): void;
  /** Closes all streams, whoever holds them. Idempotent. @throws as {@link flush}, after closing every one. */
  close(): Promise<void>;
  status(): WriterPoolStatus;
}

/** @param options - see {@link WriterPoolOptions}. */
export function createWriterPool(options: WriterPoolOptions = {}, ports: WriterPoolPorts = {}): WriterPool {
  return new SharedWriters(options, ports);
}
