import { randomBytes } from "node:crypto";
import { type Clock, nodeFileSystem, systemClock, WaybillError, type Writer } from "@waybill/protocols";
import { compressSegment, SegmentCompressor } from "./compressor.ts";
import { flushAtExit } from "./exit-flush.ts";
import { describeFailure } from "./failure.ts";
import { writerClosed } from "./flush-errors.ts";
import { isolated } from "./isolated.ts";
import { LaneSet } from "./lane/lane-set.ts";
import { canStartLaneThread } from "./lane/lane-thread.ts";
import { createDirectoryLocks, type DirectoryLocks } from "./ownership/directory-lock.ts";
import { formatHolder } from "./ownership/lock-owner.ts";
import { PoolLocks } from "./ownership/pool-locks.ts";
import { currentThread, systemProcesses } from "./ownership/process-identity.ts";
import { PoolAllowance } from "./pool-allowance.ts";
import { planChanges } from "./pool-changes.ts";
import { PoolStreams } from "./pool-streams.ts";
import type { PooledWriter } from "./pooled-writer.ts";
import { SharedStream } from "./shared-stream.ts";
import { PressureBell } from "./space/pressure-bell.ts";
import { spaceOfThread } from "./space/space-of-thread.ts";
import { parseStreamPath, type StreamPath } from "./stream-path.ts";
import { WriterFactory } from "./writer-factory.ts";
import { WriterHandle } from "./writer-handle.ts";
import {
  differingOption,
  type ResolvedStreamOptions,
  resolveStreamOptions,
  type StreamOptions,
} from "./writer-options.ts";
import type {
  PoolStream,
  WriterPool,
  WriterPoolChanges,
  WriterPoolOptions,
  WriterPoolPorts,
  WriterPoolStatus,
} from "./writer-pool.ts";
import { WriterReplacement } from "./writer-replacement.ts";

/** Longer lines do not go through the memory that the threads share. */
const lineBytesMaxOfLanes = 4_194_304;

/** See {@link WriterPool}. */
export class SharedWriters implements WriterPool {
  readonly #options: WriterPoolOptions;
  readonly #clock: Clock;
  readonly #allowance: PoolAllowance;
  readonly #holder = formatHolder(newHolder(), currentThread());
  readonly #locks: DirectoryLocks | undefined;
  readonly #poolLocks: PoolLocks;
  readonly #lanes: LaneSet | undefined;
  readonly #compressor: SegmentCompressor;
  readonly #streams = new PoolStreams(() => {
    // Who is at no file any more needs no lock, and nobody gives them back later.
    if (this.#streams.isReleased) this.#poolLocks.giveAllBack();
  });
  readonly #factory: WriterFactory;
  readonly #replacement: WriterReplacement;
  /** Those that somebody awaits. */
  readonly #seals = new Set<Promise<void>>();
  #stopExitFlush: (() => void) | undefined;
  #isExiting = false;
  /** Whether the flush at the end of the process found room for all. */
  #isSaved = false;
  #closing: Promise<void> | undefined;

  constructor(options: WriterPoolOptions, ports: WriterPoolPorts) {
    this.#options = options;
    const { fileSystem: unmetered = nodeFileSystem } = ports;
    this.#clock = ports.clock ?? systemClock;
    const bell = new PressureBell(options.space, isolated(options.onPressure));
    const onPressure = (grants: number): void => bell.ring(grants);
    const { memory: space } = options.space ?? {};
    const { fileSystem, room } = spaceOfThread(space, unmetered, this.#clock, onPressure);
    const processes = ports.processes ?? (unmetered === nodeFileSystem ? systemProcesses : undefined);
    if (processes !== undefined && options.lockFileOf !== "none") {
      this.#locks = createDirectoryLocks(fileSystem, processes, this.#holder);
    }
    this.#poolLocks = new PoolLocks(this.#locks);
    const isReal = unmetered === nodeFileSystem && this.#clock === systemClock;
    const isShort = (options.limits?.lineBytesMax ?? 0) <= lineBytesMaxOfLanes;
    const hasLanes = isReal && isShort && options.placement !== "inline" && canStartLaneThread();
    const allowance = new PoolAllowance(options, this.#clock, hasLanes);
    const { descriptors, budget, queuesBytesMax, idleCloseMs } = allowance;
    this.#allowance = allowance;
    if (hasLanes) {
      this.#lanes = new LaneSet({
        descriptors: allowance.shares,
        limits: options.limits ?? {},
        holder: this.#holder,
        ...{ queuesBytesMax, idleCloseMs, space, onPressure },
        onUnavailable: (error) =>
          isolated(options.onFailure)(describeFailure("the writing thread", error, this.#clock.now())),
      });
    }
    this.#compressor = new SegmentCompressor(
      this.#clock,
      { onFailure: isolated(options.onFailure), onCompressed: isolated(options.onCompressed) },
      (sealedPath, how) => compressSegment(sealedPath, { ...how, space: options.space }),
    );
    this.#factory = new WriterFactory(options, {
      ...{ fileSystem, clock: this.#clock, descriptors, budget, room },
      ...{ compressor: this.#compressor, locks: this.#locks, lanes: this.#lanes },
    });
    this.#replacement = new WriterReplacement({
      clock: this.#clock,
      // A part file stays one, though the directory may be free by now.
      create: ({ path, options: live, facts }) =>
        this.#factory.create(
          parseStreamPath(facts.activePath),
          live,
          facts,
          this.#streams.predecessorOf(path),
        ),
      isOpen: (stream) => this.#streams.find(stream.path) === stream,
    });
  }

  open(path: string, streamOptions: StreamOptions = {}): Writer {
    if (this.#closing !== undefined) {
      throw new WaybillError("WAYBILL_WRITER_CLOSED", `the writer pool is closed, ${path} cannot be opened`);
    }
    const streamPath = parseStreamPath(path);
    const resolved = this.#resolve(streamPath, streamOptions);
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
    const lockFile = this.#factory.lockFileOf(streamPath);
    return new WriterHandle(shared, () => this.#release(shared), {
      isExiting: () => this.#isExiting,
      lock: () => this.#poolLocks.takeAgain(lockFile),
      unlock: () => this.#poolLocks.giveBack(lockFile),
    });
  }

  reconfigure(changes: WriterPoolChanges): void {
    if (this.#closing !== undefined) {
      throw new WaybillError("WAYBILL_WRITER_CLOSED", "the writer pool is closed, it cannot be reconfigured");
    }
    const planned = planChanges(changes, this.#streams.open());
    this.#allowance.change(changes, this.#lanes);
    for (const [stream, options] of planned) {
      if (this.#streams.find(stream.path) !== stream) continue;
      Object.assign(stream.options, options);
      stream.writer.noteOptions();
      this.#replacement.begin(stream);
    }
  }

  streams(): readonly PoolStream[] {
    return this.#streams.open().map((stream) => stream.describe());
  }

  async seal(path: string, streamOptions: StreamOptions = {}): Promise<void> {
    if (this.#closing !== undefined) throw writerClosed(`the writer pool of ${path}`);
    const streamPath = parseStreamPath(path);
    const stream = this.#streams.findByFile(streamPath.active);
    const sealed = stream?.seal() ?? this.#sealLeft(streamPath, this.#resolve(streamPath, streamOptions));
    this.#seals.add(sealed);
    try {
      await sealed;
    } finally {
      this.#seals.delete(sealed);
    }
  }

  #sealLeft(streamPath: StreamPath, options: ResolvedStreamOptions): Promise<void> {
    const { active: activePath } = streamPath;
    const before = this.#streams.predecessorOf(activePath);
    this.#poolLocks.note(this.#factory.lockFileOf(streamPath));
    const seal = this.#factory.sealLeft(streamPath, options, { activePath, sealed: 0 }, before);
    this.#streams.awaitRelease(activePath, seal);
    return seal.made;
  }

  async flush(): Promise<void> {
    await settleAll(this.#streams.open().map((stream) => stream.flush()));
  }

  flushSync(): boolean {
    const writers = this.#streams.all();
    // All are begun before any is waited for.
    for (const writer of writers) writer.drain();
    return flushEach(writers);
  }

  reopen(): void {
    for (const { writer } of this.#streams.open()) writer.reopen();
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  status(): WriterPoolStatus {
    return {
      ...this.#streams.status(),
      descriptors: this.#allowance.descriptors.size + (this.#lanes?.descriptors ?? 0),
    };
  }

  #resolve({ active }: StreamPath, streamOptions: StreamOptions): ResolvedStreamOptions {
    return { ...resolveStreamOptions(streamOptions), floorFile: this.#options.floorFileOf?.(active) };
  }

  #add(streamPath: StreamPath, options: ResolvedStreamOptions): SharedStream {
    const before = this.#streams.predecessorOf(streamPath.active);
    const facts = { activePath: streamPath.active, sealed: 0 };
    const writer = this.#factory.create(streamPath, options, facts, before);
    const shared = new SharedStream(streamPath, options, facts, writer);
    this.#streams.add(shared);
    this.#poolLocks.note(this.#factory.lockFileOf(streamPath));
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

  /** Closes a stream with its last handle; a path opened again afterwards begins with a new writer. */
  async #release(shared: SharedStream): Promise<void> {
    shared.handles--;
    // What the pool has closed with all its handles cannot be flushed any more.
    if (shared.handles > 0) return this.#closing === undefined ? shared.flush() : shared.writer.close();
    try {
      await this.#streams.close(shared);
    } finally {
      if (this.#streams.isEmpty) this.#leaveExit();
    }
  }

  async #end(): Promise<void> {
    try {
      await settleAll(this.#streams.closeAll());
    } finally {
      await Promise.allSettled(this.#seals);
      this.#replacement.end();
      this.#leaveExit();
      await this.#lanes?.close();
      await this.#compressor.close();
      this.#factory.tellWritten();
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
