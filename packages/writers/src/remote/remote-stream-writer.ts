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
import type { LanePassenger, TakeOverReason } from "../lane/lane-set.ts";
import type { AbandonedRequest, WorkerLane } from "../lane/worker-lane.ts";
import type { PooledWriter } from "../pooled-writer.ts";
import { QueueBounds } from "../queue-bounds.ts";
import { batchBytes } from "../stream-writer.ts";
import type { ResolvedStreamOptions } from "../writer-options.ts";
import { InlineContinuation } from "./inline-continuation.ts";
import { LanePassage } from "./lane-passage.ts";
import { leaveWorker } from "./leave-worker.ts";
import { exitWaitMs, LineSender } from "./line-sender.ts";
import { RemoteFailures } from "./remote-failures.ts";
import { RemoteFlushes } from "./remote-flushes.ts";
import type { RemoteStreamWriterPorts } from "./remote-stream-ports.ts";
import { settledWithin } from "./settled-within.ts";
import { WriteThrough } from "./write-through.ts";

/** Milliseconds after which `close` gives up a worker that does not answer. */
const closeMsMax = 5000;

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
  /** Whether the process ends while a worker hangs in this stream. */
  #isStuck = false;
  #isScheduled = false;
  /** Whether an ERROR waits here that nobody waits for. */
  #isUrgent = false;
  readonly #failures: RemoteFailures;
  #closing: Promise<void> | undefined;
  #isEnded = false;

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
  }

  get lane(): WorkerLane {
    return this.#passage.lane;
  }

  write(entry: EntryInput): boolean {
    if (this.#inline !== undefined) return this.#inline.writer.write(entry);
    if (this.#closing !== undefined) return false;
    const seq = this.#intake.take(entry);
    if (seq === undefined || seq === 0) return seq === undefined;
    const { queue } = this.#intake;
    if (this.#isStuck) return this.#bounds.keep(seq, "worker");
    if (this.#passage.stage === "outside") this.#passage.enter(queue.source ?? entry.source);
    const severity = severityOf[entry.level];
    if (severity >= severityOf.ERROR && this.#options.writeThrough) {
      if (this.#writeThrough.allows(severity)) return this.#sendNow(seq);
      this.#isUrgent = true;
    }
    const isBatch = queue.length >= batchBytes || queue.lineCount >= this.#options.batchEntriesMax;
    if (isBatch || (this.#isUrgent && !this.#passage.isWriting)) return this.#sendBatch(seq);
    this.#scheduleFlush();
    return true;
  }

  flushPending(): void {
    this.#isScheduled = false;
    this.drain();
    if (this.#passage.isWriting) this.lane.wakeUp();
  }

  drain(): void {
    this.#advance();
  }

  flushSync(): boolean {
    if (this.#inline !== undefined) return this.#inline.writer.flushSync();
    if (this.#isEnded || this.#passage.stage === "outside") return this.#intake.queue.length === 0;
    // What the event loop has not delivered yet: that the files are open by now, and gaps to be told.
    this.lane.deliverEvents();
    this.#intake.tellGap();
    const isIdle = this.#intake.queue.length === 0 && this.status().queued === 0;
    if (isIdle && this.#options.mode !== "durable") return true;
    this.#passage.openAgain();
    return this.#sender.sendAll() && this.#passage.flushNow(exitWaitMs);
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
      written: counts.written + (inline?.written ?? 0) - this.#sender.sentGaps,
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
    if (event.kind === "opened") this.#passage.noteOpened(event.lastSeq);
    else if (event.kind === "sealed") this.#ports.onSealed(event.sealedPath);
    else if (event.kind === "recovered") this.#ports.onRecovered(event.path);
    else if (event.kind === "gap") {
      this.#intake.noteGap(event.gap);
      this.#scheduleFlush();
    } else {
      this.#failures.last = event.failure;
      this.#ports.onFailure(event.failure);
    }
  }

  continueInline(abandoned: readonly AbandonedRequest[], reason: TakeOverReason): void {
    this.#passage.leave();
    if (reason === "exit" && abandoned.some(({ mayHaveBegun }) => mayHaveBegun)) {
      this.#isStuck = true;
      return;
    }
    const inline = new InlineContinuation(this.#ports.createInline(), this.#intake);
    this.#inline = inline;
    if (this.#isNumbered) inline.continueLines(abandoned);
    else inline.begin();
    // What the worker had taken and not written when it died is gone with its memory.
    const lost = this.status().queued - this.#intake.queue.entries - inline.writer.status().queued;
    // It died after it had counted what it wrote and before it could say so: the lines were found in the file.
    if (lost < 0) this.#passage.uncount(-lost);
    this.#sender.sentGaps += inline.takeQueue(Math.max(0, lost));
    this.#bounds.forget();
    this.#advance();
  }

  #state(): WriterState {
    if (this.#closing !== undefined) return "closed";
    if (this.#inline !== undefined) return this.#inline.writer.status().state;
    return this.#isStuck || this.#passage.isDegraded ? "degraded" : "open";
  }

  #reason(): string {
    return (this.#passage.isDegraded && this.#failures.last?.code) || "queue";
  }

  #scheduleFlush(): void {
    if (this.#isScheduled || this.#isEnded) return;
    this.#isScheduled = true;
    this.#ports.schedule.add(this);
  }

  #sendNow(seq: number): boolean {
    if (this.#writeThrough.perform()) {
      this.#bounds.forget();
      return true;
    }
    this.#scheduleFlush();
    return this.#bounds.keep(seq, this.#reason());
  }

  #sendBatch(seq: number): boolean {
    this.#isUrgent = false;
    if (this.#sender.sendBatch()) this.#bounds.forget();
    else this.#scheduleFlush();
    return !this.#sender.isTooMuch || this.#bounds.keep(seq, this.#reason());
  }

  /** @param lastSeq - of the last entry in the files. */
  #noteOpened(lastSeq: number): void {
    const { queue } = this.#intake;
    // Opened once more, in another lane, they may hold a gap record more than was known here.
    const next = queue.firstSeq ?? this.#intake.lastSeq + 1;
    this.#intake.continueAfter(this.#isNumbered ? Math.max(0, lastSeq + 1 - next) : lastSeq);
    if (!this.#isNumbered) this.#ports.onOpened(this.#intake.lastSeq);
    this.#isNumbered = true;
    this.#advance();
  }

  /** Sends what waits and what flushes ask for, as far as there is room. */
  #advance(): void {
    if (this.#inline !== undefined) {
      if (this.#flushes.areAwaited) this.#flushes.settle(this.#inline.writer.flushNow());
      return;
    }
    this.#intake.tellGap();
    if (this.#flushes.areAwaited) this.#passage.openAgain();
    if (!this.#sender.send()) {
      if (this.#sender.isHeldBack) this.#flushes.rejectAll();
      this.#scheduleFlush();
      return;
    }
    this.#bounds.forget();
    const isDue = this.#flushes.areAwaited && this.#passage.stage === "open";
    if (isDue && !this.#flushes.request()) this.#scheduleFlush();
  }

  async #flushAll(): Promise<void> {
    if (this.#isStuck) throw this.#failures.flushFailed(this.status().queued);
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
    try {
      const isSettled = await settledWithin(this.#flushAndLeave(), closeMsMax);
      if (!isSettled) throw this.#failures.flushFailed(this.status().queued);
    } finally {
      this.#isEnded = true;
      this.#passage.release();
      this.#passage.leave();
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
      await this.#inline?.writer.close();
    }
  }
}
