import type { EncodingLimits } from "@waybill/log-tree";
import type { Clock, FileSystem, Writer, WriterStatus } from "@waybill/protocols";
import type { WriterFailure } from "./failure.ts";
import type { ProcessTable } from "./ownership/process-identity.ts";
import { SharedWriters } from "./shared-writers.ts";
import type { SpaceBudget } from "./space/space-budget.ts";
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
  /**
   * Milliseconds after which a stream that writes nothing gives its open file back; the next entry opens it again. One
   * that was removed, and a `durable` one that is not synced, stay open. 1,000 to 86,400,000. Default 60,000.
   */
  readonly idleCloseMs?: number;
  /**
   * What all streams may still write together, in bytes; also the locks, and `.gz` files until their originals are gone.
   * Where it ends, a stream is `degraded` with `WAYBILL_SPACE_EXHAUSTED` and treated as on a full device, except that it
   * goes on within 20 ms of room being made. At the end of the process what does not fit is lost. Default: no limit.
   */
  readonly space?: SpaceBudget;
  /**
   * Told when a write was refused for want of space, or less than `pressureBytes` of the budget is left: once, until
   * `set` or `add` of the budget was called again. Soon after, never in the midst of a write; it may make room. Whoever
   * sets what is no room for the streams that wait is told again at once. What it throws is ignored.
   */
  readonly onPressure?: () => void;
  /** Bounds on one entry. */
  readonly limits?: Partial<EncodingLimits>;
  /** Told when a stream begins to fail or fails in another way; not for each failed call. What it throws is ignored. */
  readonly onFailure?: (failure: WriterFailure) => void;
  /** Told with the path of a stream that failed and has caught up. What it throws is ignored. */
  readonly onRecovered?: (path: string) => void;
  /** Told with the path of each sealed segment. What it throws is ignored. */
  readonly onSealed?: (sealedPath: string) => void;
  /** Told of each sealed segment that was compressed, once the plain one is gone. What it throws is ignored. */
  readonly onCompressed?: (compressedPath: string, sealedPath: string) => void;
  /**
   * Told of each completed write, not of each entry, in a later turn of the event loop: when the oldest entry in it was
   * accepted and when it was written, both on the clock of the pool, milliseconds since the epoch. Beyond 1,024 writes in
   * one turn, the last are told as one. What it throws is ignored.
   */
  readonly onWritten?: (oldestMs: number, writtenMs: number) => void;
}

/** What {@link WriterPool.reconfigure} changes; what is not given stays as it is. */
export interface WriterPoolChanges {
  /** All options of each open stream, by the absolute path of its active segment; those left out become defaults. */
  readonly streamOptionsOf?: (activePath: string) => StreamOptions;
  /** See {@link WriterPoolOptions}. A worker follows with its next request. */
  readonly queuesBytesMax?: number;
  /** See {@link WriterPoolOptions}. A worker follows with its next request. */
  readonly descriptorsMax?: number;
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

/** An open stream of a pool. In a worker's care, as of the last request that it has performed. */
export interface PoolStream {
  /** Absolute path of the active segment: of a part file when another process owns the directory. */
  readonly path: string;
  /** Bytes in the active segment; 0 until it is opened. */
  readonly activeBytes: number;
  /** Segments sealed since the stream was opened. */
  readonly sealed: number;
  /** When the last write was completed, milliseconds since the epoch; undefined when none was. */
  readonly lastWriteMs: number | undefined;
  readonly status: WriterStatus;
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
  /**
   * Changes options while streams are open: all or, when it throws, none. No entry is lost, written twice or out of order
   * for it, handles stay valid and counters go on; `open` compares with the new options from now on. For entries accepted
   * from now on; in a worker, for those sent from now on.
   *
   * What was sealed before stays plain or becomes `.gz` as was decided then. A queue that is fuller than its new bound is
   * cut to it by the next entry that has to wait, as any full one. Another `mode` counts once the stream has written all
   * it has: at once, or when a file that fails can be written again; a stream that goes from a worker to `sync` is
   * `degraded` until then. What was accepted before a change to `durable` is covered by the next `flush` as far as it is
   * in the active segment.
   *
   * @throws {TypeError | RangeError} for an option that cannot be, and what `streamOptionsOf` throws.
   * @throws {WaybillError} `WAYBILL_WRITER_CLOSED` after `close`.
   */
  reconfigure(changes: WriterPoolChanges): void;
  /** The open streams. Does not ask the disk. */
  streams(): readonly PoolStream[];
  /**
   * Seals the active segment of a stream, unless it is empty: everything accepted before is in it. Entries may be logged
   * all the while. A stream that is not open is opened for this if there is something to seal, and closed again; whoever
   * opens it meanwhile is `degraded` until then.
   *
   * Settles within some seconds. The segment may be sealed later all the same when a disk hangs: see `onSealed`.
   *
   * @param path - of the active segment.
   * @param options - of a stream that is not open. Default: those of `open`.
   * @throws {WaybillError} `WAYBILL_SEAL_FAILED`, with the code of the operating system in `details.errno`; `EBUSY` when
   * the stream is not open and another process owns it, or has left a part file. `WAYBILL_FLUSH_FAILED`,
   * `WAYBILL_SYNC_FAILED` when entries could not be written before. `WAYBILL_WRITER_CLOSED` after `close`.
   * @throws {TypeError | RangeError} as {@link WriterPool.open}.
   */
  seal(path: string, options?: StreamOptions): Promise<void>;
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
