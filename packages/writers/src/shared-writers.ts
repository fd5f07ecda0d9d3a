import { randomBytes } from "node:crypto";
import { createEntryEncoder, type EntryEncoder } from "@waybill/log-tree";
import {
  type Clock,
  type FileSystem,
  nodeFileSystem,
  systemClock,
  WaybillError,
  type Writer,
} from "@waybill/protocols";
import { SegmentCompressor } from "./compressor.ts";
import { DescriptorPool, defaultDescriptorLimit } from "./descriptor-pool.ts";
import { DescriptorShares } from "./descriptor-shares.ts";
import { flushAtExit } from "./exit-flush.ts";
import { describeFailure } from "./failure.ts";
import { FlushSchedule } from "./flush-schedule.ts";
import { isolated } from "./isolated.ts";
import { LaneSet } from "./lane/lane-set.ts";
import { canStartLaneThread } from "./lane/lane-thread.ts";
import { createDirectoryLocks, type DirectoryLocks, defaultLockFile } from "./ownership/directory-lock.ts";
import { formatHolder } from "./ownership/lock-owner.ts";
import { PoolLocks } from "./ownership/pool-locks.ts";
import { currentThread, systemProcesses } from "./ownership/process-identity.ts";
import { PoolStreams, type SharedStream } from "./pool-streams.ts";
import type { PooledWriter } from "./pooled-writer.ts";
import { QueueBudget } from "./queue-budget.ts";
import { RemoteStreamWriter } from "./remote/remote-stream-writer.ts";
import { WaitBudget } from "./remote/wait-budget.ts";
import { SegmentStream } from "./segment-stream.ts";
import { parseStreamPath, type StreamPath } from "./stream-path.ts";
import { StreamWriter } from "./stream-writer.ts";
import type { StreamWriterPorts } from "./stream-writer-ports.ts";
import { WriterHandle } from "./writer-handle.ts";
import {
  differingOption,
  type ResolvedStreamOptions,
  requireIntegerWithin,
  resolveStreamOptions,
  type StreamOptions,
} from "./writer-options.ts";
import type { WriterPool, WriterPoolOptions, WriterPoolPorts, WriterPoolStatus } from "./writer-pool.ts";

/** Bytes of all queues together. */
const queuesBytesDefault = 67_108_864;
/** Longer lines do not go through the memory that the threads share. */
const lineBytesMaxOfLanes = 4_194_304;

/** See {@link WriterPool}. */
export class SharedWriters implements WriterPool {
  readonly #options: WriterPoolOptions;
  readonly #fileSystem: FileSystem;
  readonly #clock: Clock;
  readonly #encoder: EntryEncoder;
  readonly #descriptors: DescriptorPool;
  readonly #budget: QueueBudget;
  readonly #waitBudget = new WaitBudget(performance.now());
  readonly #holder = formatHolder(newHolder(), currentThread());
  readonly #locks: DirectoryLocks | undefined;
  readonly #poolLocks: PoolLocks;
  readonly #lanes: LaneSet | undefined;
  readonly #compressor: SegmentCompressor;
  readonly #streams = new PoolStreams();
  readonly #schedules = new Map<number, FlushSchedule>();
  #stopExitFlush: (() => void) | undefined;
  #isExiting = false;
  /** Whether the flush at the end of the process found room for all. */
  #isSaved = false;
  #closing: Promise<void> | undefined;

  constructor(options: WriterPoolOptions, ports: WriterPoolPorts) {
    this.#options = options;
    this.#fileSystem = ports.fileSystem ?? nodeFileSystem;
    this.#clock = ports.clock ?? systemClock;
    this.#encoder = createEntryEncoder(options.limits);
    const { descriptorsMax = defaultDescriptorLimit() } = options;
    requireIntegerWithin("descriptorsMax", descriptorsMax, 1, 1_000_000);
    this.#descriptors = new DescriptorPool(descriptorsMax);
    const { queuesBytesMax = queuesBytesDefault } = options;
    requireIntegerWithin("queuesBytesMax", queuesBytesMax, 65_536, Number.MAX_SAFE_INTEGER);
    const processes = ports.processes ?? (this.#fileSystem === nodeFileSystem ? systemProcesses : undefined);
    if (processes !== undefined && options.lockFileOf !== "none") {
      this.#locks = createDirectoryLocks(this.#fileSystem, processes, this.#holder);
    }
    this.#poolLocks = new PoolLocks(this.#locks);
    const isReal = this.#fileSystem === nodeFileSystem && this.#clock === systemClock;
    const isShort = (options.limits?.lineBytesMax ?? 0) <= lineBytesMaxOfLanes;
    const hasLanes = isReal && isShort && options.placement !== "inline" && canStartLaneThread();
    this.#budget = new QueueBudget(hasLanes ? Math.floor(queuesBytesMax / 2) : queuesBytesMax);
    if (hasLanes) {
      this.#lanes = new LaneSet({
        descriptors: new DescriptorShares(descriptorsMax, this.#descriptors),
        limits: options.limits ?? {},
        holder: this.#holder,
        queuesBytesMax,
        onUnavailable: (error) =>
          isolated(options.onFailure)(describeFailure("the writing thread", error, this.#clock.now())),
      });
    }
    this.#compressor = new SegmentCompressor(this.#clock, isolated(options.onFailure));
  }

  open(path: string, streamOptions: StreamOptions = {}): Writer {
    if (this.#closing !== undefined) {
      throw new WaybillError("WAYBILL_WRITER_CLOSED", `the writer pool is closed, ${path} cannot be opened`);
    }
    const streamPath = parseStreamPath(path);
    const floorFile = this.#options.floorFileOf?.(streamPath.active);
    const resolved = { ...resolveStreamOptions(streamOptions), floorFile };
    const shared = this.#streams.find(streamPath.active) ?? this.#add(streamPath, resolved);
    const differing = differingOption(shared.options, resolved);
    if (differing !== undefined) {
      throw new WaybillError(
        "WAYBILL_WRITER_CONFLICT",
        `${streamPath.active} is open with ${differing} ${String(shared.options[differing])}, not ${String(resolved[differing])}`,
        { details: { path: streamPath.active, option: differing } },
      );
    }
    shared.handles++;
    const lockFile = this.#lockFileOf(streamPath);
    return new WriterHandle(shared.writer, () => this.#release(shared), {
      isExiting: () => this.#isExiting,
      lock: () => this.#poolLocks.takeAgain(lockFile),
      unlock: () => this.#poolLocks.giveBack(lockFile),
    });
  }

  async flush(): Promise<void> {
    await settleAll(this.#streams.open().map((writer) => writer.flush()));
  }

  flushSync(): boolean {
    const writers = this.#streams.all();
    // All are begun before any is waited for.
    for (const writer of writers) writer.drain();
    return flushEach(writers);
  }

  reopen(): void {
    for (const writer of this.#streams.open()) writer.reopen();
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  status(): WriterPoolStatus {
    return {
      ...this.#streams.status(),
      descriptors: this.#descriptors.size + (this.#lanes?.descriptors ?? 0),
    };
  }

  #add(streamPath: StreamPath, options: ResolvedStreamOptions): SharedStream {
    const writer = this.#createWriter(streamPath, options);
    const shared: SharedStream = { path: streamPath.active, writer, options, handles: 0 };
    this.#streams.add(shared);
    this.#poolLocks.note(this.#lockFileOf(streamPath));
    this.#stopExitFlush ??= flushAtExit({
      flushSync: () => {
        this.#isSaved = this.flushSync();
        return this.#isSaved;
      },
      drain: () => {
        for (const writer of this.#streams.all()) writer.drain();
      },
      noteExit: () => {
        this.#isExiting = true;
        // Of what could not be written, a thread may hang in the file yet.
        if (this.#isSaved) this.#poolLocks.giveAllBack();
      },
    });
    return shared;
  }

  #createWriter(streamPath: StreamPath, options: ResolvedStreamOptions): PooledWriter {
    const lanes = options.mode === "sync" ? undefined : this.#lanes;
    const ports = this.#streamPorts(options);
    const createInline = (): StreamWriter => this.#createInline(streamPath, options, ports);
    const before = this.#streams.predecessorOf(streamPath.active);
    if (lanes === undefined) return this.#createInline(streamPath, options, { ...ports, before });
    const lockFile = this.#lockFileOf(streamPath);
    const waitBudget = this.#waitBudget;
    return new RemoteStreamWriter(streamPath.active, options, {
      ...{ ...ports, lanes, createInline, lockFile, waitBudget, before },
    });
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
      { ...streamPath, floorFile: options.floorFile },
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

  #streamPorts(options: ResolvedStreamOptions): StreamWriterPorts {
    const { compress, compressDelayMs } = options;
    let hasLeftovers = compress;
    const onSealed = isolated(this.#options.onSealed);
    return {
      clock: this.#clock,
      encoder: this.#encoder,
      schedule: this.#scheduleOf(options.flushIntervalMs),
      budget: this.#budget,
      onOpened: (_, activePath) => {
        // As it was opened: segments of the owner of the directory are no business of a part file.
        const opened = parseStreamPath(activePath);
        if (hasLeftovers) this.#compressor.scheduleLeftovers(this.#fileSystem, opened, compressDelayMs);
        hasLeftovers = false;
      },
      onFailure: isolated(this.#options.onFailure),
      onRecovered: isolated(this.#options.onRecovered),
      onSealed: (sealedPath) => {
        if (compress) this.#compressor.schedule(sealedPath, compressDelayMs);
        onSealed(sealedPath);
      },
    };
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
  async #release(shared: SharedStream): Promise<void> {
    shared.handles--;
    // What the pool has closed with all its handles cannot be flushed any more.
    if (shared.handles > 0)
      return this.#closing === undefined ? shared.writer.flush() : shared.writer.close();
    try {
      await this.#streams.close(shared);
    } finally {
      if (this.#streams.isEmpty) this.#leaveExit();
      // Who is at no file any more needs no lock, and nobody gives them back later.
      void shared.writer.released.then(() => {
        if (this.#streams.isReleased) this.#poolLocks.giveAllBack();
      });
    }
  }

  async #end(): Promise<void> {
    try {
      await settleAll(this.#streams.closeAll());
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
