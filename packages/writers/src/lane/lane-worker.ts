import { receiveMessageOnPort, workerData } from "node:worker_threads";
import { createEntryEncoder, type EntryEncoder } from "@waybill/log-tree";
import { type Clock, nodeFileSystem, type WaybillError } from "@waybill/protocols";
import { DescriptorPool } from "../descriptor-pool.ts";
import { FlushSchedule } from "../flush-schedule.ts";
import { createDirectoryLocks, type DirectoryLocks } from "../ownership/directory-lock.ts";
import { systemProcesses } from "../ownership/process-identity.ts";
import { QueueBudget } from "../queue-budget.ts";
import { SegmentStream } from "../segment-stream.ts";
import { type SpaceOfThread, spaceOfThread } from "../space/space-of-thread.ts";
import { parseStreamPath } from "../stream-path.ts";
import { StreamWriter } from "../stream-writer.ts";
import type { LiveStreamOptions } from "../writer-options.ts";
import { LaneAllowance } from "./lane-allowance.ts";
import type { LaneEvent, LaneStreamMessage, LaneWorkerData } from "./lane-messages.ts";
import { decodeOptions } from "./lane-options.ts";
import { LaneReceiver } from "./lane-receiver.ts";
import type { LaneRequest, LaneResult, Outcome } from "./lane-requests.ts";
import { createLoopClock } from "./loop-clock.ts";
import { StreamCounters } from "./stream-counters.ts";

/**
 * Milliseconds of the looks for further requests before the worker sleeps. While an application logs, its batches come
 * within them, and no batch needs a wake-up: 5 to 15 µs each, 7 % of the time of the thread that logs
 * (`benchmarks/src/write`).
 */
const dozesMs = [1, 1, 2, 4, 8];

interface LaneStream {
  readonly writer: StreamWriter;
  /** Those of the writer. */
  readonly options: LiveStreamOptions;
  publish(): void;
}

/**
 * The worker of a lane: takes requests out of shared memory one after the other and performs them with synchronous
 * calls, which hold no thread of the pool that the application's own file calls need.
 */
class LaneLoop {
  readonly #data: LaneWorkerData;
  readonly #receiver: LaneReceiver;
  readonly #clock = createLoopClock();
  readonly #space: SpaceOfThread;
  readonly #encoder: EntryEncoder;
  readonly #allowance: LaneAllowance;
  readonly #descriptors: DescriptorPool;
  readonly #descriptorCount: Int32Array;
  readonly #locks: DirectoryLocks;
  readonly #budget: QueueBudget;
  readonly #streams = new Map<number, LaneStream>();
  /** Looks for further requests since the last one. */
  #dozes = 0;

  constructor(data: LaneWorkerData) {
    this.#data = data;
    this.#receiver = new LaneReceiver(data.buffers);
    this.#encoder = createEntryEncoder(data.limits);
    this.#allowance = new LaneAllowance(data.allowance);
    const { descriptorsMax, queuesBytesMax } = this.#allowance;
    this.#descriptors = new DescriptorPool(descriptorsMax, {
      clock: this.#clock,
      idleCloseMs: data.idleCloseMs,
    });
    this.#descriptorCount = new Int32Array(data.descriptors);
    this.#space = spaceOfThread(data.space, nodeFileSystem, this.#clock, (grants) =>
      this.#tell({ kind: "pressure", grants }),
    );
    this.#locks = createDirectoryLocks(this.#space.fileSystem, systemProcesses, data.holder);
    this.#budget = new QueueBudget(queuesBytesMax);
  }

  run(): void {
    for (;;) {
      const seen = this.#receiver.signal();
      if (this.#receiver.isHalted) {
        this.#handBack();
        this.#receiver.end();
        return;
      }
      this.#runTimers();
      const request = this.#receiver.take();
      if (request === undefined) {
        if (this.#receiver.takeWakeWanted()) this.#tell({ kind: "idle" });
        this.#rest(seen);
        continue;
      }
      this.#dozes = 0;
      const startedMs = performance.now();
      const result = this.#perform(request);
      const tookMs = Math.round(performance.now() - startedMs);
      this.#receiver.complete(request.number, { ...result, tookMs });
      // The locks stay: another worker of the pool may hang in a directory of this one.
      if (request.kind === "stop") return;
    }
  }

  #rest(seen: number): void {
    const dozeMs = dozesMs[this.#dozes++];
    const untilMs = this.#clock.untilNextMs();
    if (dozeMs === undefined) this.#receiver.sleep(seen, untilMs);
    else this.#receiver.doze(seen, Math.min(dozeMs, untilMs));
  }

  #runTimers(): void {
    if (this.#clock.untilNextMs() > 0) return;
    this.#clock.runDue();
    this.#publishDescriptors();
  }

  #publishDescriptors(): void {
    Atomics.store(this.#descriptorCount, 0, this.#descriptors.size);
  }

  #perform(request: LaneRequest): Pick<LaneResult, "outcome" | "lastSeq"> {
    const stream = request.kind === "stop" ? undefined : this.#streamOf(request.stream);
    if (stream === undefined) return { outcome: "done", lastSeq: 0 };
    try {
      // Here, because files may be closed, and a worker that hangs in that hangs in a request.
      this.#descriptors.resize(this.#allowance.descriptorsMax);
      this.#budget.resize(this.#allowance.queuesBytesMax);
      return this.#work(request, stream);
    } finally {
      stream.publish();
      this.#publishDescriptors();
      if (stream.writer.isEnded) this.#streams.delete(request.stream);
    }
  }

  #work(request: LaneRequest, { writer, options }: LaneStream): Pick<LaneResult, "outcome" | "lastSeq"> {
    const { kind, bytes, entries } = request;
    if (kind === "open") {
      const lastSeq = writer.open();
      return lastSeq === undefined ? { outcome: "unopened", lastSeq: 0 } : { outcome: "done", lastSeq };
    }
    if (kind === "write") writer.writeLines(bytes, entries);
    else if (kind === "reopen") writer.reopen();
    else if (kind === "configure") {
      Object.assign(options, decodeOptions(bytes));
      writer.noteOptions();
    }
    return { outcome: outcomeOf(this.#flushOrEnd(request, writer)?.code), lastSeq: 0 };
  }

  #flushOrEnd(request: LaneRequest, writer: StreamWriter): WaybillError | undefined {
    const { kind } = request;
    if (kind === "close") return writer.endNow();
    if (kind === "flush") return writer.flushNow();
    if (kind === "seal" || kind === "sealLeft") return this.#seal(request, writer);
    if (kind !== "leave") return undefined;
    // A stream that cannot be flushed stays, for its queue would end here.
    return writer.flushNow() ?? writer.endNow();
  }

  #seal({ kind, stream }: LaneRequest, writer: StreamWriter): WaybillError | undefined {
    const error = writer.sealNow();
    const { lastFailure } = writer.status();
    if (error?.code === "WAYBILL_SEAL_FAILED" && lastFailure !== undefined) {
      const path = String(error.details["path"]);
      this.#tell({ kind: "unsealed", stream, failure: { path, ...lastFailure } });
    }
    if (kind === "sealLeft") writer.endNow();
    return error;
  }

  #streamOf(index: number): LaneStream | undefined {
    let stream = this.#streams.get(index);
    while (stream === undefined) {
      // The message was posted before the request that needs it, so it is there.
      const received: { readonly message: LaneStreamMessage } | undefined = receiveMessageOnPort(
        this.#data.port,
      );
      if (received === undefined) return undefined;
      this.#addStream(received.message);
      stream = this.#streams.get(index);
    }
    return stream;
  }

  #addStream(message: LaneStreamMessage): void {
    const { stream, path, lockFile, options, counters, slot } = message;
    const clock = this.#clockOf(stream);
    const segments = new SegmentStream(
      parseStreamPath(path, options.floorFile),
      {
        segmentBytesMax: options.segmentBytesMax,
        rotate: options.rotate,
        timeZone: options.timeZone,
        isDurable: options.mode === "durable",
        lockFile,
      },
      { fileSystem: this.#space.fileSystem, clock, descriptors: this.#descriptors, locks: this.#locks },
    );
    const writer = new StreamWriter(segments, options, {
      clock,
      encoder: this.#encoder,
      schedule: new FlushSchedule(clock, options.flushIntervalMs),
      budget: this.#budget,
      room: this.#space.room,
      onGap: (gap) => this.#tell({ kind: "gap", stream, gap }),
      onOpened: (lastSeq, activePath) => this.#tell({ kind: "opened", stream, lastSeq, activePath }),
      onFailure: (failure) => this.#tell({ kind: "failed", stream, failure }),
      onRecovered: (recovered) => {
        // Who hears it looks at the counters.
        publish();
        this.#tell({ kind: "recovered", stream, path: recovered });
      },
      onSealed: (sealedPath) => this.#tell({ kind: "sealed", stream, sealedPath }),
    });
    writer.start.setSource(message.source);
    if (message.mayBeUnsynced) writer.start.noteUnsynced();
    const table = new StreamCounters(counters);
    const publish = () => {
      const { queuedBytes, untold, activeBytes, lastWriteMs } = writer;
      table.publish(slot, { ...writer.status(), queuedBytes, untold, activeBytes, lastWriteMs });
    };
    this.#streams.set(stream, { writer, options, publish });
  }

  /** Its timers tell for whom they work: a worker can hang in them as in a request. */
  #clockOf(stream: number): Clock {
    return {
      now: this.#clock.now,
      monotonicUs: this.#clock.monotonicUs,
      setTimer: (callback, delayMs) =>
        this.#clock.setTimer(() => {
          if (this.#receiver.beginTimer(stream)) callback();
          // Of all streams it would cost a thousand of them a core, when one that waits for space looks each 10 ms.
          this.#streams.get(stream)?.publish();
          this.#receiver.endTimer();
        }, delayMs),
    };
  }

  /** The sender has taken the streams over; what only this thread knows goes back to it. */
  #handBack(): void {
    for (const [stream, { writer }] of this.#streams) {
      const lines = writer.takeQueue();
      if (lines.length > 0) this.#tell({ kind: "returned", stream, lines });
    }
  }

  #tell(event: LaneEvent): void {
    this.#data.port.postMessage(event);
  }
}

function outcomeOf(code: string | undefined): Outcome {
  if (code === undefined) return "done";
  if (code === "WAYBILL_SEAL_FAILED") return "unsealed";
  return code === "WAYBILL_SYNC_FAILED" ? "unsynced" : "unwritten";
}

new LaneLoop(workerData as LaneWorkerData).run();
