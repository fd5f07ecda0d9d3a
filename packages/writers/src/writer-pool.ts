import { randomBytes } from "node:crypto";
import { createEntryEncoder, type EncodingLimits, type EntryEncoder } from "@waybill/log-tree";
import {
  type Clock,
  type FileSystem,
  nodeFileSystem,
  systemClock,
  WaybillError,
  type Writer,
  type WriterStatus,
} from "@waybill/protocols";
import { SegmentCompressor } from "./compressor.ts";
import { DescriptorPool, defaultDescriptorLimit } from "./descriptor-pool.ts";
import { flushAtExit } from "./exit-flush.ts";
import type { WriterFailure } from "./failure.ts";
import { FlushSchedule } from "./flush-schedule.ts";
import { LaneSet } from "./lane/lane-set.ts";
import { canStartLaneWorker } from "./lane/worker-lane.ts";
import { findLeftovers } from "./last-sealed.ts";
import { createDirectoryLocks, type DirectoryLocks, defaultLockFile } from "./ownership/directory-lock.ts";
import { type ProcessTable, systemProcesses } from "./ownership/process-identity.ts";
import type { PooledWriter } from "./pooled-writer.ts";
import { QueueBudget } from "./queue-budget.ts";
import { RemoteStreamWriter } from "./remote-stream-writer.ts";
import { SegmentStream } from "./segment-stream.ts";
import { parseStreamPath, type StreamPath } from "./stream-path.ts";
import { StreamWriter, type StreamWriterPorts } from "./stream-writer.ts";
import { WriterHandle } from "./writer-handle.ts";
import {
  differingOption,
  type ResolvedStreamOptions,
  requireIntegerWithin,
  resolveStreamOptions,
  type StreamOptions,
} from "./writer-options.ts";

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
  /** Bytes that all streams may hold back together while their files cannot be written. ≥ 65,536. Default 64 MiB. */
  readonly queuesBytesMax?: number;
  /** Open files at most, integer ≥ 1. Default min(256, soft limit / 4). */
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
  /** Open files. */
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

interface SharedStream {
  readonly writer: PooledWriter;
  readonly options: ResolvedStreamOptions;
  handles: number;
}

/** @param options - see {@link WriterPoolOptions}. */
export function createWriterPool(options: WriterPoolOptions = {}, ports: WriterPoolPorts = {}): WriterPool {
  return new SharedWriters(options, ports);
}

class SharedWriters implements WriterPool {
  readonly #options: WriterPoolOptions;
  readonly #fileSystem: FileSystem;
  readonly #clock: Clock;
  readonly #encoder: EntryEncoder;
  readonly #descriptors: DescriptorPool;
  readonly #budget: QueueBudget;
  readonly #holder = newHolder();
  readonly #locks: DirectoryLocks | undefined;
  readonly #lanes: LaneSet | undefined;
  readonly #compressor: SegmentCompressor;
  readonly #streams = new Map<string, SharedStream>();
  readonly #schedules = new Map<number, FlushSchedule>();
  #stopExitFlush: (() => void) | undefined;
  #closing: Promise<void> | undefined;
  /** What streams that are closed by now had counted. */
  #past = { accepted: 0, written: 0, dropped: 0, bytesWritten: 0 };

  constructor(options: WriterPoolOptions, ports: WriterPoolPorts) {
    this.#options = options;
    this.#fileSystem = ports.fileSystem ?? nodeFileSystem;
    this.#clock = ports.clock ?? systemClock;
    this.#encoder = createEntryEncoder(options.limits);
    if (options.descriptorsMax !== undefined) {
      requireIntegerWithin("descriptorsMax", options.descriptorsMax, 1, 1_000_000);
    }
    this.#descriptors = new DescriptorPool(options.descriptorsMax);
    const { queuesBytesMax = queuesBytesDefault } = options;
    requireIntegerWithin("queuesBytesMax", queuesBytesMax, 65_536, Number.MAX_SAFE_INTEGER);
    this.#budget = new QueueBudget(queuesBytesMax);
    const processes = ports.processes ?? (this.#fileSystem === nodeFileSystem ? systemProcesses : undefined);
    if (processes !== undefined && options.lockFileOf !== "none") {
      this.#locks = createDirectoryLocks(this.#fileSystem, processes, this.#holder);
    }
    const isReal = this.#fileSystem === nodeFileSystem && this.#clock === systemClock;
    if (isReal && options.placement !== "inline" && canStartLaneWorker()) {
      this.#lanes = new LaneSet({
        descriptorsMax: options.descriptorsMax ?? defaultDescriptorLimit(),
        limits: options.limits ?? {},
        holder: this.#holder,
        queuesBytesMax,
      });
    }
    this.#compressor = new SegmentCompressor(this.#clock, isolated(options.onFailure));
  }

  open(path: string, streamOptions: StreamOptions = {}): Writer {
    if (this.#closing !== undefined) {
      throw new WaybillError("WAYBILL_WRITER_CLOSED", `the writer pool is closed, ${path} cannot be opened`);
    }
    const streamPath = parseStreamPath(path);
    const resolved = resolveStreamOptions(streamOptions);
    const shared = this.#streams.get(streamPath.active) ?? this.#add(streamPath, resolved);
    const differing = differingOption(shared.options, resolved);
    if (differing !== undefined) {
      throw new WaybillError(
        "WAYBILL_WRITER_CONFLICT",
        `${streamPath.active} is open with ${differing} ${String(shared.options[differing])}, not ${String(resolved[differing])}`,
        { details: { path: streamPath.active, option: differing } },
      );
    }
    shared.handles++;
    return new WriterHandle(shared.writer, () => this.#release(streamPath.active, shared));
  }

  async flush(): Promise<void> {
    await settleAll([...this.#streams.values()].map(({ writer }) => writer.flush()));
  }

  flushSync(): boolean {
    const writers = [...this.#streams.values()].map(({ writer }) => writer);
    // All are begun before any is waited for.
    for (const writer of writers) writer.drain();
    if (flushEach(writers)) return true;
    this.#lanes?.takeOverStalled();
    return flushEach(writers);
  }

  reopen(): void {
    for (const { writer } of this.#streams.values()) writer.reopen();
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  status(): WriterPoolStatus {
    const sum = { ...this.#past, queued: 0, degraded: 0 };
    for (const { writer } of this.#streams.values()) {
      const status = writer.status();
      sum.accepted += status.accepted;
      sum.written += status.written;
      sum.queued += status.queued;
      sum.dropped += status.dropped;
      sum.bytesWritten += status.bytesWritten;
      if (status.state === "degraded") sum.degraded++;
    }
    return { ...sum, streams: this.#streams.size, descriptors: this.#descriptors.size };
  }

  #add(streamPath: StreamPath, options: ResolvedStreamOptions): SharedStream {
    const writer = this.#createWriter(streamPath, options);
    const shared: SharedStream = { writer, options, handles: 0 };
    this.#streams.set(streamPath.active, shared);
    this.#stopExitFlush ??= flushAtExit(this);
    return shared;
  }

  #createWriter(streamPath: StreamPath, options: ResolvedStreamOptions): PooledWriter {
    const lanes = options.mode === "sync" ? undefined : this.#lanes;
    const ports = this.#streamPorts(streamPath, options);
    const createInline = (): StreamWriter => this.#createInline(streamPath, options, ports);
    if (lanes === undefined) return createInline();
    const lockFile = this.#lockFileOf(streamPath);
    return new RemoteStreamWriter(streamPath.active, options, { ...ports, lanes, createInline, lockFile });
  }

  #createInline(
    streamPath: StreamPath,
    options: ResolvedStreamOptions,
    ports: StreamWriterPorts,
  ): StreamWriter {
    const { segmentBytesMax, rotate, timeZone, mode } = options;
    const isDurable = mode === "durable";
    const lockFile = this.#lockFileOf(streamPath);
    const stream = new SegmentStream(
      streamPath,
      { segmentBytesMax, rotate, timeZone, isDurable, lockFile },
      {
        fileSystem: this.#fileSystem,
        clock: this.#clock,
        descriptors: this.#descriptors,
        ...(this.#locks === undefined ? {} : { locks: this.#locks }),
      },
    );
    return new StreamWriter(stream, options, ports);
  }

  #lockFileOf({ directory }: StreamPath): string | undefined {
    const { lockFileOf = defaultLockFile } = this.#options;
    return this.#locks === undefined || lockFileOf === "none" ? undefined : lockFileOf(directory);
  }

  #streamPorts(streamPath: StreamPath, options: ResolvedStreamOptions): StreamWriterPorts {
    const { compress, compressDelayMs } = options;
    const onSealed = isolated(this.#options.onSealed);
    return {
      clock: this.#clock,
      encoder: this.#encoder,
      schedule: this.#scheduleOf(options.flushIntervalMs),
      budget: this.#budget,
      onOpened: () => {
        if (compress) this.#compressLeftovers(streamPath, compressDelayMs);
      },
      onFailure: isolated(this.#options.onFailure),
      onRecovered: isolated(this.#options.onRecovered),
      onSealed: (sealedPath) => {
        if (compress) this.#compressor.schedule(sealedPath, compressDelayMs);
        onSealed(sealedPath);
      },
    };
  }

  /** Sealed segments of earlier runs, which ended before these were compressed. */
  #compressLeftovers(streamPath: StreamPath, delayMs: number): void {
    try {
      const { plain, parts } = findLeftovers(this.#fileSystem, streamPath);
      for (const part of parts) this.#fileSystem.unlink(part);
      for (const sealed of plain) this.#compressor.schedule(sealed, delayMs);
    } catch {
      // They stay plain, which is complete and readable, until the next run.
    }
  }

  #scheduleOf(intervalMs: number): FlushSchedule {
    let schedule = this.#schedules.get(intervalMs);
    if (schedule === undefined) {
      schedule = new FlushSchedule(this.#clock, intervalMs);
      this.#schedules.set(intervalMs, schedule);
    }
    return schedule;
  }

  /** Closes a stream with its last handle; a path opened again afterwards begins with a new writer. */
  async #release(path: string, shared: SharedStream): Promise<void> {
    shared.handles--;
    if (shared.handles > 0) return shared.writer.flush();
    try {
      await this.#closeStream(path, shared);
    } finally {
      if (this.#streams.size === 0) this.#leaveExit();
    }
  }

  async #closeStream(path: string, shared: SharedStream): Promise<void> {
    if (this.#streams.get(path) !== shared) return shared.writer.close();
    this.#streams.delete(path);
    try {
      await shared.writer.close();
    } finally {
      const { accepted, written, dropped, bytesWritten } = shared.writer.status();
      this.#past.accepted += accepted;
      this.#past.written += written;
      this.#past.dropped += dropped;
      this.#past.bytesWritten += bytesWritten;
    }
  }

  async #end(): Promise<void> {
    try {
      await settleAll([...this.#streams].map(([path, shared]) => this.#closeStream(path, shared)));
    } finally {
      this.#leaveExit();
      await this.#lanes?.close();
      this.#locks?.releaseAll();
      await this.#compressor.close();
    }
  }

  #leaveExit(): void {
    this.#stopExitFlush?.();
    this.#stopExitFlush = undefined;
  }
}

/** Bytes of all queues together. */
const queuesBytesDefault = 67_108_864;

/** Unique within the process, also among copies of this package and threads. */
function newHolder(): string {
  return randomBytes(4).toString("hex");
}

/** @returns whether nothing is left in memory. */
function flushEach(writers: readonly PooledWriter[]): boolean {
  let isEmpty = true;
  for (const writer of writers) isEmpty = writer.flushSync() && isEmpty;
  return isEmpty;
}

/** Waits for all, then throws the first failure, so that one broken stream does not keep others from being written. */
async function settleAll(work: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** A caller's callback that can hurt nobody. */
function isolated<T>(callback: ((value: T) => void) | undefined): (value: T) => void {
  return (value) => {
    try {
      callback?.(value);
    } catch {
      // Documented at the option: the write path has nobody to report a broken reporter to.
    }
  };
}
