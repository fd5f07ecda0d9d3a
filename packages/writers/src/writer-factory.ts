import { createEntryEncoder, type EntryEncoder } from "@waybill/log-tree";
import type { Clock, FileSystem } from "@waybill/protocols";
import type { SegmentCompressor } from "./compressor.ts";
import type { DescriptorPool } from "./descriptor-pool.ts";
import { FlushSchedule } from "./flush-schedule.ts";
import { isolated } from "./isolated.ts";
import type { LaneSet } from "./lane/lane-set.ts";
import { type DirectoryLocks, defaultLockFile } from "./ownership/directory-lock.ts";
import type { PooledWriter } from "./pooled-writer.ts";
import type { Predecessor } from "./predecessor.ts";
import type { QueueBudget } from "./queue-budget.ts";
import { LeftSeal } from "./remote/left-seal.ts";
import { RemoteStreamWriter } from "./remote/remote-stream-writer.ts";
import { WaitBudget } from "./remote/wait-budget.ts";
import { SegmentStream } from "./segment-stream.ts";
import type { StreamFacts } from "./shared-stream.ts";
import type { RoomWatch } from "./space/room-watch.ts";
import { parseStreamPath, type StreamPath } from "./stream-path.ts";
import { StreamWriter } from "./stream-writer.ts";
import type { StreamWriterPorts } from "./stream-writer-ports.ts";
import type { ResolvedStreamOptions } from "./writer-options.ts";
import type { WriterPoolOptions } from "./writer-pool.ts";
import { WrittenNews } from "./written-news.ts";

/** What the streams of a pool have in common. */
export interface WriterFactoryParts {
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly descriptors: DescriptorPool;
  readonly budget: QueueBudget;
  /** Undefined without a space budget. */
  readonly room: RoomWatch | undefined;
  readonly compressor: SegmentCompressor;
  /** Undefined where there are none. */
  readonly locks: DirectoryLocks | undefined;
  /** Undefined where no worker writes. */
  readonly lanes: LaneSet | undefined;
}

/** Makes the writers of a pool, each with what it needs of the others. */
export class WriterFactory {
  readonly #options: WriterPoolOptions;
  readonly #parts: WriterFactoryParts;
  readonly #encoder: EntryEncoder;
  readonly #waitBudget = new WaitBudget(performance.now());
  readonly #schedules = new Map<number, FlushSchedule>();
  /** Undefined when nobody wants to know. */
  readonly #written: WrittenNews | undefined;

  constructor(options: WriterPoolOptions, parts: WriterFactoryParts) {
    this.#options = options;
    this.#parts = parts;
    this.#encoder = createEntryEncoder(options.limits);
    this.#written = options.onWritten && new WrittenNews(parts.clock, isolated(options.onWritten));
  }

  /**
   * @param options - read with each use.
   * @param facts - kept up to date.
   * @param before - who may still be at the files.
   */
  create(
    streamPath: StreamPath,
    options: ResolvedStreamOptions,
    facts: StreamFacts,
    before: Predecessor | undefined,
  ): PooledWriter {
    const lanes = options.mode === "sync" ? undefined : this.#parts.lanes;
    const ports = this.#streamPorts(options, facts);
    const createInline = (activePath = streamPath.active): StreamWriter =>
      this.#createInline(parseStreamPath(activePath), options, ports);
    if (lanes === undefined) return this.#createInline(streamPath, options, { ...ports, before });
    const lockFile = this.lockFileOf(streamPath);
    const waitBudget = this.#waitBudget;
    const sealLeft = (behind?: Predecessor) => this.sealLeft(streamPath, options, facts, behind);
    return new RemoteStreamWriter(streamPath.active, options, {
      ...{ ...ports, lanes, createInline, lockFile, waitBudget, before, sealLeft },
    });
  }

  /** Seals what an earlier run has left in a stream that this one has not opened. Parameters as of {@link create}. */
  sealLeft(
    streamPath: StreamPath,
    options: ResolvedStreamOptions,
    facts: StreamFacts,
    before: Predecessor | undefined,
  ): LeftSeal {
    const ports = this.#streamPorts(options, facts);
    return new LeftSeal(before, {
      ...{ ...ports, path: streamPath.active, options, lanes: this.#parts.lanes },
      lockFile: this.lockFileOf(streamPath),
      createInline: () => this.#createInline(streamPath, options, ports),
    });
  }

  /** Tells of the writes that were completed. */
  tellWritten(): void {
    this.#written?.tell();
  }

  /** The lock that a stream needs; undefined when it needs none. */
  lockFileOf({ directory }: StreamPath): string | undefined {
    const { lockFileOf = defaultLockFile } = this.#options;
    return this.#parts.locks === undefined || lockFileOf === "none" ? undefined : lockFileOf(directory);
  }

  #createInline(
    streamPath: StreamPath,
    options: ResolvedStreamOptions,
    ports: StreamWriterPorts,
  ): StreamWriter {
    const { fileSystem, clock, descriptors, locks } = this.#parts;
    const { segmentBytesMax, rotate, timeZone, mode } = options;
    const isDurable = mode === "durable";
    const lockFile = this.lockFileOf(streamPath);
    const stream = new SegmentStream(
      parseStreamPath(streamPath.active, options.floorFile),
      { segmentBytesMax, rotate, timeZone, isDurable, lockFile },
      { fileSystem, clock, descriptors, ...(locks === undefined ? {} : { locks }) },
    );
    return new StreamWriter(stream, options, ports);
  }

  #streamPorts(options: ResolvedStreamOptions, facts: StreamFacts): StreamWriterPorts {
    const { fileSystem, clock, budget, room, compressor } = this.#parts;
    const written = this.#written;
    let mayHaveLeftovers = true;
    const onSealed = isolated(this.#options.onSealed);
    return {
      clock,
      encoder: this.#encoder,
      schedule: { add: (stream) => this.#scheduleOf(options.flushIntervalMs).add(stream) },
      budget,
      room,
      onOpened: (_, activePath) => {
        facts.activePath = activePath;
        // As it was opened: segments of the owner of the directory are no business of a part file.
        const opened = parseStreamPath(activePath);
        if (mayHaveLeftovers && options.compress) {
          compressor.scheduleLeftovers(fileSystem, opened, options.compressDelayMs);
        }
        mayHaveLeftovers = false;
      },
      onFailure: isolated(this.#options.onFailure),
      onRecovered: isolated(this.#options.onRecovered),
      onSealed: (sealedPath) => {
        facts.sealed++;
        if (options.compress) compressor.schedule(sealedPath, options.compressDelayMs);
        onSealed(sealedPath);
      },
      onWritten: written && ((oldestMs, writtenMs) => written.add(oldestMs, writtenMs)),
    };
  }

  #scheduleOf(intervalMs: number): FlushSchedule {
    let schedule = this.#schedules.get(intervalMs);
    if (schedule === undefined) {
      schedule = new FlushSchedule(this.#parts.clock, intervalMs);
      this.#schedules.set(intervalMs, schedule);
    }
    return schedule;
  }
}
