import type { EntryEncoder } from "@waybill/log-tree";
import {
  type Clock,
  type EntryInput,
  severityOf,
  WaybillError,
  type WriterState,
  type WriterStatus,
} from "@waybill/protocols";
import { EntryIntake } from "./entry-intake.ts";
import { describeFailure, type WriterFailure } from "./failure.ts";
import type { Flushable, FlushSchedule } from "./flush-schedule.ts";
import type { Gap } from "./gap-entry.ts";
import type { LaneResult } from "./lane/lane-memory.ts";
import type { LaneEvent } from "./lane/lane-messages.ts";
import type { LanePassenger, LaneSeat, LaneSet, TakeOverReason } from "./lane/lane-set.ts";
import { countLines, linesBehind } from "./lane/lines-behind.ts";
import type { AbandonedRequest, WorkerLane } from "./lane/worker-lane.ts";
import type { PooledWriter } from "./pooled-writer.ts";
import type { QueueBudget } from "./queue-budget.ts";
import { batchBytes, keptShareOfQueue, type StreamWriter } from "./stream-writer.ts";
import type { ResolvedStreamOptions } from "./writer-options.ts";

/** Bytes sent with one request at most; a line is at most 1 MiB long. */
const sentBytesMax = 1_048_576;
/** So much may wait here before the thread that logs waits for the worker, for a moment. */
const patienceBytes = 262_144;
/** Milliseconds that one call may wait for a worker that is busy but alive. */
const roomWaitMs = 5;
/** Milliseconds that an ERROR may wait until it is written. A disk slower than this is not waited for. */
const writeThroughMs = 20;
/** The same while the worker starts, which takes some tens of milliseconds once. */
const startingMs = 500;
/** A worker that has completed nothing for so long, in milliseconds, is not waited for by the thread that logs. */
const stalledMs = 50;
/** A request that took longer, in milliseconds, moves its stream to the second lane. */
const slowMs = 50;
/** Milliseconds that the end of the process may wait for one stream. */
const exitWaitMs = 2000;

/** What a remote stream writer works with. */
export interface RemoteStreamWriterPorts {
  readonly clock: Clock;
  readonly encoder: EntryEncoder;
  readonly schedule: FlushSchedule;
  readonly budget: QueueBudget;
  readonly lanes: LaneSet;
  /** Writes the stream in this thread, when no worker does it any more. */
  readonly createInline: () => StreamWriter;
  readonly lockFile: string | undefined;
  readonly onOpened: (lastSeq: number) => void;
  readonly onFailure: (failure: WriterFailure) => void;
  readonly onRecovered: (path: string) => void;
  readonly onSealed: (sealedPath: string) => void;
}

/**
 * Where a stream is.
 * - `new`: nothing was logged yet.
 * - `opening`: the worker opens its files; entries wait here.
 * - `open`: batches go to the worker as they fill.
 * - `moving`: the first lane lets it go; entries wait here.
 * - `inline`: a {@link StreamWriter} in this thread has taken over.
 * - `stuck`: the process ends while a worker hangs in this stream.
 */
type Stage = "new" | "opening" | "open" | "moving" | "inline" | "stuck";

interface FlushWaiter {
  readonly resolve: () => void;
  readonly reject: (error: WaybillError) => void;
  /** Entries dropped here when it began: one more, and its promise is broken. */
  readonly dropped: number;
}

/**
 * The side of a stream that stays with the application when a worker writes its files: numbers and encodes entries and
 * sends them in batches. Accepted = written + queued + dropped, where queued is what waits here, under way, or in the
 * worker's own queue.
 */
export class RemoteStreamWriter implements PooledWriter, Flushable, LanePassenger {
  readonly #path: string;
  readonly #options: ResolvedStreamOptions;
  readonly #ports: RemoteStreamWriterPorts;
  readonly #intake: EntryIntake;
  #stage: Stage = "new";
  #lane: WorkerLane | undefined;
  #seat: LaneSeat | undefined;
  #inline: StreamWriter | undefined;
  /** Number of the last request that carries what was sent. */
  #lastRequest: number | undefined;
  /** Number of the request that opens the files; undefined when there was no room for it yet. */
  #openRequest: number | undefined;
  /** Gap records among the lines sent on: whoever writes them counts them as entries. */
  #sentGaps = 0;
  /** Lines handed to {@link #inline}, which counts them as accepted once more. */
  #transferred = 0;
  /** What was counted in seats that this stream has left. */
  #past = { written: 0, dropped: 0, bytesWritten: 0 };
  #isOpenFailing = false;
  #isScheduled = false;
  #lastFailure: WriterFailure | undefined;
  #waiters: FlushWaiter[] = [];
  #closing: Promise<void> | undefined;
  #isEnded = false;

  constructor(path: string, options: ResolvedStreamOptions, ports: RemoteStreamWriterPorts) {
    this.#path = path;
    this.#options = options;
    this.#ports = ports;
    this.#intake = new EntryIntake(ports.encoder, ports.clock, false, (error) => {
      this.#lastFailure = describeFailure(path, error, ports.clock.now());
    });
  }

  get lane(): WorkerLane {
    return this.#lane ?? this.#ports.lanes.first;
  }

  write(entry: EntryInput): boolean {
    if (this.#inline !== undefined) return this.#inline.write(entry);
    if (this.#closing !== undefined) return false;
    const seq = this.#intake.take(entry);
    if (seq === undefined || seq === 0) return seq === undefined;
    if (this.#stage === "new") this.#enter(this.#ports.lanes.first);
    const { queue } = this.#intake;
    if (severityOf[entry.level] >= severityOf.ERROR) {
      this.#writeThrough(this.lane.isStarting ? startingMs : writeThroughMs);
    } else if (queue.length >= batchBytes || queue.lineCount >= this.#options.batchEntriesMax) {
      if (!this.#sendBatch()) return this.#keepWithinQueue(seq);
    } else {
      this.#scheduleFlush();
    }
    return true;
  }

  flushPending(): void {
    this.#isScheduled = false;
    this.#advance();
  }

  drain(): void {
    this.#advance();
  }

  flushSync(): boolean {
    if (this.#inline !== undefined) return this.#inline.flushSync();
    if (this.#isEnded || this.#stage === "new") return true;
    if (this.#stage === "stuck") return false;
    this.#intake.tellGap();
    this.#writeThrough(exitWaitMs);
    return this.#queued() === 0 && this.#intake.queue.length === 0;
  }

  async flush(): Promise<void> {
    if (this.#closing !== undefined) {
      throw new WaybillError("WAYBILL_WRITER_CLOSED", `flush after close of ${this.#path}`);
    }
    await this.#flushAll();
  }

  reopen(): void {
    if (this.#inline !== undefined) this.#inline.reopen();
    else if (this.#seat !== undefined) this.#lane?.request("reopen", this.#seat.index);
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  status(): WriterStatus {
    const { accepted, dropped } = this.#intake;
    const counts = this.#counts();
    const inline = this.#inline?.status();
    const all = {
      accepted: accepted + (inline?.accepted ?? 0) - this.#transferred,
      written: counts.written + (inline?.written ?? 0) - this.#sentGaps,
      dropped: dropped + counts.dropped + (inline?.dropped ?? 0),
      bytesWritten: counts.bytesWritten + (inline?.bytesWritten ?? 0),
    };
    const failure = inline?.lastFailure ?? this.#lastFailure;
    return {
      state: this.#state(),
      ...all,
      queued: all.accepted - all.written - all.dropped,
      lastFailure: failure && { code: failure.code, message: failure.message, atMs: failure.atMs },
    };
  }

  onEvent(event: Exclude<LaneEvent, { readonly kind: "idle" }>): void {
    if (event.kind === "opened") this.#noteOpened(event.lastSeq);
    else if (event.kind === "sealed") this.#ports.onSealed(event.sealedPath);
    else if (event.kind === "gap") this.#noteGap(event.gap);
    else if (event.kind === "recovered") this.#ports.onRecovered(event.path);
    else {
      this.#lastFailure = event.failure;
      this.#ports.onFailure(event.failure);
    }
  }

  continueInline(abandoned: readonly AbandonedRequest[], reason: TakeOverReason): void {
    this.#leaveSeat();
    const hangsHere = abandoned.some(({ mayHaveBegun }) => mayHaveBegun);
    if (reason === "exit" && hangsHere) {
      this.#stage = "stuck";
      return;
    }
    const inline = this.#ports.createInline();
    this.#inline = inline;
    this.#stage = "inline";
    inline.setSource(this.#intake.queue.source);
    const lastSeq = inline.open() ?? 0;
    for (const { kind, lines } of abandoned) {
      if (kind !== "write") continue;
      const missing = linesBehind(lines, lastSeq);
      this.#past.written += countLines(lines) - countLines(missing);
      this.#transfer(inline, missing);
    }
    if (this.#lastRequest === undefined) this.#intake.continueAfter(lastSeq);
    this.#noteLostInWorker(inline);
    this.#intake.tellGap();
    const { queue } = this.#intake;
    this.#transfer(inline, queue.bytes.subarray(0, queue.length));
    this.#sentGaps += queue.lineCount - queue.entries;
    queue.clear();
    inline.adopt(this.#intake.lastSeq);
    this.#advance();
  }

  #state(): WriterState {
    if (this.#closing !== undefined) return "closed";
    if (this.#inline !== undefined) return this.#inline.status().state;
    if (this.#stage === "stuck") return "degraded";
    return this.#seat?.counters.read(this.#seat.slot).state === "degraded" ? "degraded" : "open";
  }

  #counts(): { readonly written: number; readonly dropped: number; readonly bytesWritten: number } {
    const { written, dropped, bytesWritten } = this.#past;
    if (this.#seat === undefined) return this.#past;
    const now = this.#seat.counters.read(this.#seat.slot);
    return {
      written: written + now.written,
      dropped: dropped + now.dropped,
      bytesWritten: bytesWritten + now.bytesWritten,
    };
  }

  /** Entries that are neither written nor dropped. */
  #queued(): number {
    return this.status().queued;
  }

  #scheduleFlush(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#ports.schedule.add(this);
  }

  #enter(lane: WorkerLane): void {
    const { source } = this.#intake.queue;
    if (source === undefined) return;
    const seat = this.#ports.lanes.takeSeat(this);
    this.#lane = lane;
    this.#seat = seat;
    const { index: stream, memory: counters, slot } = seat;
    const { lockFile } = this.#ports;
    lane.add({ stream, path: this.#path, lockFile, options: this.#options, source, counters, slot });
    const isMove = this.#stage === "moving";
    this.#stage = "opening";
    const number = lane.request("open", stream, (result) => {
      if (result?.outcome === "done") this.#noteOpened(isMove ? 0 : result.lastSeq);
      else if (result !== undefined) this.#noteUnopened();
    });
    if (number === undefined) this.#scheduleFlush();
    else this.#lastRequest = isMove ? number : undefined;
    this.#openRequest = number;
  }

  #noteGap(gap: Gap): void {
    this.#intake.noteGap(gap);
    this.#scheduleFlush();
  }

  /** @param lastSeq - the number after which the entries of this stream go on. */
  #noteOpened(lastSeq: number): void {
    if (this.#stage !== "opening") return;
    this.#stage = "open";
    this.#isOpenFailing = false;
    this.#intake.continueAfter(lastSeq);
    this.#ports.onOpened(this.#intake.lastSeq);
    this.#advance();
  }

  /** The worker tries again by itself; who waits for a flush learns now that it did not happen. */
  #noteUnopened(): void {
    this.#isOpenFailing = true;
    this.#rejectWaiters();
  }

  #rejectWaiters(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { reject } of waiters) reject(this.#flushFailed(this.#queued()));
  }

  /** Sends what waits and what flushes ask for, as far as there is room. */
  #advance(): void {
    if (this.#inline !== undefined) {
      this.#flushInline(this.#inline);
      return;
    }
    if (this.#stage === "opening" && this.#openRequest === undefined && this.#lane !== undefined) {
      this.#leaveSeat();
      this.#enter(this.#lane);
    }
    this.#intake.tellGap();
    if (this.#isOpenFailing) this.#rejectWaiters();
    else if (this.#send()) this.#sendFlushes();
    else this.#scheduleFlush();
  }

  /** @returns whether nothing waits here any more. */
  #send(): boolean {
    const { queue } = this.#intake;
    if (this.#stage !== "open" || this.#seat === undefined || this.#lane === undefined)
      return queue.length === 0;
    queue.detachEncoding();
    while (queue.length > 0) {
      const length = sendableBytes(queue.bytes, queue.length);
      const bytes = queue.bytes.subarray(0, length);
      const count = length === queue.length ? queue.lineCount : countLines(bytes);
      const number = this.#lane.request("write", this.#seat.index, this.#noteWritten, { bytes, count });
      if (number === undefined) return false;
      this.#lastRequest = number;
      this.#sentGaps += count - queue.consume(length);
    }
    this.#ports.budget.forget(this);
    return true;
  }

  readonly #noteWritten = (result: LaneResult | undefined): void => {
    if (result === undefined || result.tookMs < slowMs || this.#stage !== "open") return;
    const { lanes } = this.#ports;
    const isClean = this.#state() === "open";
    if (isClean && this.#lane === lanes.first) this.#moveTo(lanes.second);
  };

  #moveTo(lane: WorkerLane): void {
    const seat = this.#seat;
    if (seat === undefined) return;
    const number = this.#lane?.request("close", seat.index, (result) => {
      if (result === undefined) return;
      this.#leaveSeat();
      this.#enter(lane);
    });
    if (number !== undefined) this.#stage = "moving";
  }

  #leaveSeat(): void {
    if (this.#seat === undefined) return;
    this.#past = this.#counts();
    this.#ports.lanes.leaveSeat(this.#seat);
    this.#seat = undefined;
  }

  /** A full batch. A worker that is merely busy is given a moment. @returns false when too much waits here. */
  #sendBatch(): boolean {
    const { queue } = this.#intake;
    if (this.#send()) return true;
    if (queue.length >= patienceBytes && this.lane.stalledMs() < stalledMs) {
      this.lane.waitForProgress(roomWaitMs);
      if (this.#send()) return true;
    }
    this.#scheduleFlush();
    return queue.length < patienceBytes;
  }

  /** Has what waits written before it returns, unless that takes too long. */
  #writeThrough(msMax: number): void {
    const { clock } = this.#ports;
    const deadlineUs = clock.monotonicUs() + msMax * 1000;
    const restMs = (): number => (deadlineUs - clock.monotonicUs()) / 1000;
    while (restMs() > 0 && this.lane.stalledMs() < Math.max(stalledMs, msMax)) {
      if (this.#stage === "opening" && this.#openRequest !== undefined) {
        const isAnswered = this.lane.waitFor(this.#openRequest, restMs());
        if (!isAnswered || this.#isOpenFailing) break;
      }
      if (this.#stage === "open" && this.#send()) {
        if (this.#lastRequest !== undefined) this.lane.waitFor(this.#lastRequest, restMs());
        return;
      }
      if (!this.lane.waitForProgress(restMs())) break;
    }
    this.#scheduleFlush();
  }

  /** @returns whether the entry of this number is still in the queue. */
  #keepWithinQueue(seq: number): boolean {
    const { queue } = this.#intake;
    const { queueBytesMax, overflow, blockMsMax } = this.#options;
    const isWithin = (): boolean =>
      queue.length <= queueBytesMax && this.#ports.budget.note(this, queue.length);
    if (isWithin()) return true;
    if (overflow === "block") {
      this.lane.waitForProgress(blockMsMax);
      this.#send();
      if (isWithin()) return true;
    }
    const limit = Math.min(queueBytesMax, queue.length);
    const plan = queue.dropDownTo(
      Math.floor(limit * keptShareOfQueue),
      "queue",
      overflow === "drop_oldest" ? "oldest" : "least_severe",
    );
    this.#intake.dropped += plan.dropped.length;
    this.#ports.budget.note(this, queue.length);
    return plan.kept.some((line) => line.seq === seq);
  }

  async #flushAll(): Promise<void> {
    if (this.#stage === "new") return;
    const { lane } = this;
    lane.hold();
    await new Promise<void>((resolve, reject) => {
      this.#waiters.push({ resolve, reject, dropped: this.#intake.dropped });
      this.#advance();
    }).finally(() => lane.release());
  }

  #sendFlushes(): void {
    const seat = this.#seat;
    if (this.#waiters.length === 0 || this.#stage !== "open" || seat === undefined) return;
    const waiters = this.#waiters;
    const number = this.#lane?.request("flush", seat.index, (result) => {
      // Without a result the worker is gone: they are asked again of who takes over.
      if (result === undefined) this.#waiters.push(...waiters);
      else for (const waiter of waiters) this.#settle(waiter, this.#failureOf(result));
    });
    if (number === undefined) this.#scheduleFlush();
    else this.#waiters = [];
  }

  #flushInline(inline: StreamWriter): void {
    const waiters = this.#waiters;
    if (waiters.length === 0) return;
    this.#waiters = [];
    const failure = inline.flushNow();
    for (const waiter of waiters) this.#settle(waiter, failure);
  }

  #settle(waiter: FlushWaiter, failure: WaybillError | undefined): void {
    const dropped = this.#intake.dropped - waiter.dropped;
    if (failure !== undefined) waiter.reject(failure);
    else if (dropped > 0) waiter.reject(this.#flushFailed(dropped));
    else waiter.resolve();
  }

  #failureOf({ outcome }: LaneResult): WaybillError | undefined {
    if (outcome === "done") return undefined;
    if (outcome === "unwritten") return this.#flushFailed(this.#queued());
    return new WaybillError("WAYBILL_SYNC_FAILED", `fsync of ${this.#path} failed`, {
      details: { path: this.#path },
    });
  }

  #flushFailed(queued: number): WaybillError {
    const failure = this.#lastFailure;
    return new WaybillError(
      "WAYBILL_FLUSH_FAILED",
      `${queued} entries could not be written to ${this.#path}: ${failure?.message ?? "the queue was full"}`,
      { details: { path: this.#path, queued, errno: failure?.code } },
    );
  }

  /** What the worker had taken and not written when it died is gone with its memory. */
  #noteLostInWorker(inline: StreamWriter): void {
    const lost = this.#queued() - this.#intake.queue.entries - inline.status().queued;
    if (lost <= 0) return;
    this.#intake.dropped += lost;
    const gap: Gap = { dropped: lost, byLevel: {}, fromSeq: 0, toSeq: 0, reason: "worker" };
    this.#intake.noteGap(gap);
  }

  #transfer(inline: StreamWriter, lines: Uint8Array): void {
    if (lines.length === 0) return;
    const count = countLines(lines);
    this.#transferred += count;
    inline.writeLines(lines, count);
  }

  async #end(): Promise<void> {
    try {
      await this.#flushAll();
    } finally {
      await this.#leave();
      this.#isEnded = true;
      this.#ports.budget.forget(this);
    }
  }

  /** Has the worker close the files; what could not be written is counted as dropped there. */
  async #leave(): Promise<void> {
    if (this.#inline !== undefined) return this.#inline.close();
    const seat = this.#seat;
    const lane = this.#lane;
    if (seat === undefined || lane === undefined) return;
    lane.hold();
    await new Promise<void>((resolve) => {
      if (lane.request("close", seat.index, () => resolve()) === undefined) resolve();
    });
    lane.release();
    this.#leaveSeat();
    this.#intake.dropped += this.#intake.queue.clear();
  }
}

/** As many whole lines as go with one request; a longer line goes alone. */
function sendableBytes(bytes: Buffer, length: number): number {
  if (length <= sentBytesMax) return length;
  const end = bytes.lastIndexOf(0x0a, sentBytesMax - 1) + 1;
  return end > 0 ? end : bytes.indexOf(0x0a) + 1;
}
