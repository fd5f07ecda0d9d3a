import {
  type EntryInput,
  severityOf,
  WaybillError,
  type WriterState,
  type WriterStatus,
} from "@waybill/protocols";
import { EntryIntake } from "../entry-intake.ts";
import { describeFailure } from "../failure.ts";
import type { Flushable } from "../flush-schedule.ts";
import type { LaneEvent } from "../lane/lane-messages.ts";
import type { LanePassenger } from "../lane/lane-set.ts";
import type { AbandonedRequest } from "../lane/lane-takeover.ts";
import type { WorkerLane } from "../lane/worker-lane.ts";
import type { PooledWriter } from "../pooled-writer.ts";
import { type Predecessor, untilReleased } from "../predecessor.ts";
import { QueueBounds } from "../queue-bounds.ts";
import { hasStackRoom } from "../stack-room.ts";
import { batchBytes } from "../stream-writer.ts";
import type { ResolvedStreamOptions } from "../writer-options.ts";
import { InlineContinuation } from "./inline-continuation.ts";
import { LanePassage } from "./lane-passage.ts";
import { leaveWorker } from "./leave-worker.ts";
import { exitWaitMs, LineSender } from "./line-sender.ts";
import { RemoteFailures } from "./remote-failures.ts";
import { RemoteFlushes } from "./remote-flushes.ts";
import type { RemoteStreamWriterPorts } from "./remote-stream-ports.ts";
import { ReturnedLines } from "./returned-lines.ts";
import { closeMsMax, settledWithin } from "./settled-within.ts";
import { WriteThrough } from "./write-through.ts";

/** Milliseconds between two looks for room while somebody awaits a flush. */
const roomRetryMs = 5;

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
  readonly #bounds: QueueBounds;
  readonly #passage: LanePassage;
  readonly #sender: LineSender;
  readonly #writeThrough: WriteThrough;
  readonly #flushes: RemoteFlushes;
  #inline: InlineContinuation | undefined;
  /** Whether the numbers given out are final: the files were opened once. */
  #isNumbered = false;
  readonly #returned = new ReturnedLines();
  /** Whether the queue begins with lines that may stand in the files already. */
  #hasReturned = false;
  #isScheduled = false;
  #isAdvancing = false;
  /** Whether the last attempt to send has left something here. */
  #isHeldUp = false;
  /** Whether an ERROR waits here that nobody waits for. */
  #isUrgent = false;
  readonly #failures: RemoteFailures;
  #closing: Promise<void> | undefined;
  #isEnded = false;
  /** Whether the predecessor is still there and has written all. */
  #isAfter = false;
  #release: Promise<void> | undefined;
  isReleased = false;

  constructor(path: string, options: ResolvedStreamOptions, ports: RemoteStreamWriterPorts) {
    this.#path = path;
    this.#failures = new RemoteFailures(path);
    this.#options = options;
    this.#ports = ports;
    const { clock, budget, lanes, lockFile } = ports;
    this.#intake = new EntryIntake(ports.encoder, clock, false, (error) => {
      this.#failures.last = describeFailure(path, error, clock.now());
    });
    this.#bounds = new QueueBounds(this.#intake, options, {
      clock,
      budget,
      makeRoom: (msMax) => this.#sender.makeRoom(msMax),
    });
    this.#passage = new LanePassage(this, {
      ...{ lanes, path, lockFile, options },
      onOpened: (lastSeq) => this.#noteOpened(lastSeq),
      // The worker tries again by itself; who waits for a flush learns now that it did not happen.
      onUnopened: () => this.#flushes.rejectAll(),
      onStayed: () => this.#advance(),
    });
    this.#flushes = new RemoteFlushes(this.#passage, this.#failures, () => this.status());
    this.#sender = new LineSender(this.#intake, this.#passage, options, clock);
    this.#writeThrough = new WriteThrough(this.#sender, this.#passage, ports.waitBudget);
    void ports.before?.released.then(() => this.drain());
  }

  /** Who had the files before, as long as that one may write to them. */
  get #before(): Predecessor | undefined {
    const { before } = this.#ports;
    return before?.isReleased === false && !this.#isAfter ? before : undefined;
  }

  get released(): Promise<void> {
    return this.#release ?? new Promise(() => undefined);
  }

  get lane(): WorkerLane | undefined {
    return this.#passage.lane;
  }

  get hasQueueInWorker(): boolean {
    return this.#passage.queuedBytes > 0;
  }

  write(entry: EntryInput): boolean {
    if (this.#inline !== undefined) return this.#inline.writer.write(entry);
    if (this.#closing !== undefined) return false;
    const seq = this.#intake.take(entry);
    try {
      return this.#handOn(seq);
    } catch {
      // The stack is at its end. What has a number is in the queue, and goes with the next one.
      return seq !== 0;
    }
  }

  /** @param seq - as {@link EntryIntake.take} has it. @returns whether the entry was taken. */
  #handOn(seq: number | undefined): boolean {
    if (seq === undefined || seq === 0) {
      // Of an entry that was lost because the stack was at its end, what it logged before has nobody else to send it.
      this.#scheduleFlush();
      return seq === undefined;
    }
    const severity = this.#intake.takeSeverity();
    const { queue } = this.#intake;
    if (this.#passage.stage === "outside") this.#enterLane();
    if (this.#inline !== undefined) return true;
    if (severity >= severityOf.ERROR && this.#options.writeThrough) {
      if (this.#writeThrough.allows(severity)) return this.#sendNow(seq);
      this.#isUrgent = true;
    }
    const isBatch = queue.length >= batchBytes || queue.lineCount >= this.#options.batchEntriesMax;
    if (isBatch || (this.#isUrgent && !this.#passage.isWriting)) return this.#sendBatch(seq);
    this.#scheduleFlush();
    return this.#passage.stage === "open" && !this.#isHeldUp ? true : this.#keep(seq);
  }

  flushPending(): void {
    this.#isScheduled = false;
    this.drain();
    this.#passage.wakeUp();
  }

  drain(): void {
    this.#advance();
  }

  flushSync(): boolean {
    if (this.#inline !== undefined) return this.#inline.writer.flushSync();
    this.#intake.tellGap();
    // When that has written all, its files stay as they are.
    if (this.#before?.flushSync() === true) this.#isAfter = true;
    this.#enterLane();
    if (this.#isEnded) return this.isReleased;
    if (this.#passage.stage === "outside") return this.#intake.queue.length === 0;
    // What the event loop has not delivered yet: that the files are open by now, and gaps to be told.
    this.#passage.deliverEvents();
    this.#intake.tellGap();
    const isIdle = this.#intake.queue.length === 0 && this.status().queued === 0;
    if (isIdle && this.#options.mode !== "durable") return true;
    this.#passage.openAgain();
    while (this.#sender.sendAll()) {
      const outcome = this.#passage.flushNow(exitWaitMs);
      if (outcome !== "again") return outcome === "done";
    }
    return false;
  }

  async flush(): Promise<void> {
    if (this.#closing !== undefined) {
      throw new WaybillError("WAYBILL_WRITER_CLOSED", `flush after close of ${this.#path}`);
    }
    await this.#flushAll();
  }

  reopen(): void {
    if (this.#inline !== undefined) this.#inline.writer.reopen();
    else this.#passage.reopen();
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  status(): WriterStatus {
    const counts = this.#passage.counts();
    const inline = this.#inline?.status();
    const all = {
      accepted: this.#intake.accepted + (inline?.accepted ?? 0),
      written: counts.written + (inline?.written ?? 0),
      dropped: this.#intake.dropped + counts.dropped + (inline?.dropped ?? 0),
      bytesWritten: counts.bytesWritten + (inline?.bytesWritten ?? 0),
    };
    const failure = inline?.lastFailure ?? this.#failures.last;
    return {
      ...{ state: this.#state(), ...all },
      queued: all.accepted - all.written - all.dropped,
      lastFailure: failure && { code: failure.code, message: failure.message, atMs: failure.atMs },
    };
  }

  onEvent(event: Exclude<LaneEvent, { readonly kind: "idle" }>): void {
    if (event.kind === "opened") {
      this.#passage.noteOpened(event.lastSeq);
      this.#ports.onOpened(event.lastSeq, event.activePath);
    } else if (event.kind === "sealed") this.#ports.onSealed(event.sealedPath);
    else if (event.kind === "recovered") this.#ports.onRecovered(event.path);
    else if (event.kind === "returned") this.#returned.addQueue(event.lines);
    else if (event.kind === "gap") {
      this.#intake.noteGap(event.gap);
      this.#scheduleFlush();
    } else {
      this.#failures.last = event.failure;
      this.#ports.onFailure(event.failure);
    }
  }

  wait(abandoned: readonly AbandonedRequest[]): void {
    this.#returned.addAbandoned(abandoned);
    this.#passage.wait();
  }

  changeLane(abandoned: readonly AbandonedRequest[]): void {
    this.#returned.addAbandoned(abandoned);
    const { queue } = this.#intake;
    const source = queue.source;
    if (this.#isEnded || source === undefined) {
      this.#passage.leave();
    } else if (this.#passage.changeLane(source)) {
      queue.putBack(this.#returned.take());
      this.#hasReturned = true;
    } else {
      this.continueInline([]);
    }
  }

  continueInline(abandoned: readonly AbandonedRequest[]): void {
    this.#returned.addAbandoned(abandoned);
    const { untold } = this.#passage;
    this.#passage.leave();
    if (this.#isEnded) return;
    const inline = new InlineContinuation(this.#ports.createInline(), this.#intake);
    this.#inline = inline;
    if (this.#isNumbered) {
      const { queue } = this.#intake;
      queue.putBack(this.#returned.take());
      // What the worker had taken and not written when it died is gone with its memory.
      const lost = this.status().queued - queue.entries - queue.encoding;
      // It died after it had counted what it wrote and before it could say so: the lines are found in the file.
      if (lost < 0) this.#passage.uncount(-lost);
      inline.continueQueue(Math.max(0, lost), untold);
    } else {
      inline.begin();
      inline.takeQueue();
    }
    this.#hasReturned = false;
    this.#bounds.forget();
    this.#advance();
  }

  #state(): WriterState {
    if (this.#closing !== undefined) return "closed";
    if (this.#inline !== undefined) return this.#inline.writer.status().state;
    return this.#passage.isDegraded || this.#before !== undefined ? "degraded" : "open";
  }

  #reason(): string {
    return (this.#passage.isDegraded && this.#failures.last?.code) || "queue";
  }

  #scheduleFlush(): void {
    if (this.#isScheduled || this.#isEnded) return;
    this.#ports.schedule.add(this);
    this.#isScheduled = true;
  }

  /** Has a worker open the files, once something waits for them. */
  #enterLane(): void {
    const { source = { containerId: "", componentName: "" }, length } = this.#intake.queue;
    if (this.#passage.stage !== "outside" || this.#inline !== undefined) return;
    if (length === 0 || this.#isEnded || this.#before !== undefined || !hasStackRoom()) return;
    if (!this.#passage.enter(source)) this.continueInline([]);
  }

  #sendNow(seq: number): boolean {
    if (this.#writeThrough.perform()) {
      this.#noteSent();
      return true;
    }
    this.#isHeldUp = true;
    this.#scheduleFlush();
    return this.#bounds.keep(seq, this.#reason());
  }

  #sendBatch(seq: number): boolean {
    this.#isUrgent = false;
    if (this.#sender.send()) {
      this.#noteSent();
      return true;
    }
    this.#isHeldUp = true;
    this.#scheduleFlush();
    return this.#keep(seq);
  }

  /** Keeps what waits within its bounds; a worker that is merely busy is given a moment before anything is dropped. */
  #keep(seq: number): boolean {
    const isTooMuch = this.#sender.isTooMuch || !this.#bounds.areKept();
    if (isTooMuch && !this.#passage.isDegraded && this.#sender.sendPatiently()) {
      this.#noteSent();
      return true;
    }
    return this.#bounds.keep(seq, this.#reason());
  }

  #noteSent(): void {
    this.#isHeldUp = false;
    this.#bounds.forget();
  }

  /** @param lastSeq - of the last entry in the files. */
  #noteOpened(lastSeq: number): void {
    const { queue } = this.#intake;
    if (this.#hasReturned) this.#settleReturned(lastSeq);
    // Opened once more, in another lane, they may hold a gap record more than was known here.
    const next = queue.firstSeq ?? this.#intake.lastSeq + 1;
    this.#intake.continueAfter(this.#isNumbered ? Math.max(0, lastSeq + 1 - next) : lastSeq);
    this.#isNumbered = true;
    this.#advance();
  }

  /** Leaves out what the worker that had the lines before has written; what only it knew of is lost. */
  #settleReturned(lastSeq: number): void {
    this.#hasReturned = false;
    const { queue } = this.#intake;
    this.#passage.count(queue.skipThrough(lastSeq));
    const lost = this.status().queued - queue.entries;
    if (lost < 0) this.#passage.uncount(-lost);
    else if (lost > 0) this.#intake.noteLostBefore(lost, lastSeq, "worker");
  }

  /** Nobody tells when there is room again for lines, and who awaits a flush need not wait for a whole interval. */
  #advanceSoon(): void {
    if (this.#isAdvancing) return;
    this.#isAdvancing = true;
    this.#ports.clock.setTimer(() => {
      this.#isAdvancing = false;
      if (!this.#isEnded) this.#advance();
    }, roomRetryMs);
  }

  /** Sends what waits and what flushes ask for, as far as there is room. */
  #advance(): void {
    if (this.#inline !== undefined) {
      if (this.#flushes.areAwaited) this.#flushes.settle(this.#inline.writer.flushNow());
      return;
    }
    this.#intake.tellGap();
    this.#enterLane();
    if (this.#flushes.areAwaited) this.#passage.openAgain();
    if (!this.#sender.send()) {
      if (this.#sender.isHeldBack) this.#flushes.rejectAll();
      this.#isHeldUp = true;
      this.#scheduleFlush();
      if (this.#flushes.areAwaited && this.#passage.isWriting) this.#advanceSoon();
      return;
    }
    this.#noteSent();
    const isDue = this.#flushes.areAwaited && this.#passage.stage === "open";
    if (isDue && !this.#flushes.request()) this.#scheduleFlush();
  }

  async #flushAll(): Promise<void> {
    if (this.#before !== undefined) await untilReleased(this.#before, () => this.#isEnded);
    this.#intake.tellGap();
    this.#enterLane();
    if (this.#passage.stage === "outside" && this.#inline === undefined) return;
    const flushed = this.#flushes.add();
    this.#passage.hold();
    try {
      this.#advance();
      await flushed;
    } finally {
      this.#passage.release();
    }
  }

  async #end(): Promise<void> {
    this.#passage.hold();
    const work = this.#flushAndLeave();
    this.#release = Promise.allSettled([work, this.#before?.released]).then(() => {
      this.isReleased = true;
    });
    try {
      const isSettled = await settledWithin(work, closeMsMax);
      if (!isSettled) throw this.#failures.flushFailed(this.status().queued);
    } finally {
      this.#isEnded = true;
      this.#passage.release();
      this.#passage.stopCounting();
      this.#intake.queue.clear();
      // What did not come into a file by now; of a worker that hangs, it may yet.
      this.#intake.dropped += Math.max(0, this.status().queued);
      this.#bounds.forget();
      this.#flushes.rejectAll();
    }
  }

  async #flushAndLeave(): Promise<void> {
    try {
      await this.#flushAll();
    } finally {
      await leaveWorker(this.#passage, () => this.#isEnded);
      this.#passage.leave();
      await this.#inline?.writer.close();
    }
  }
}
