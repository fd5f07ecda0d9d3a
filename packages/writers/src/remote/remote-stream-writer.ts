import { type EntryInput, WaybillError, type WriterState, type WriterStatus } from "@waybill/protocols";
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
import type { ResolvedStreamOptions } from "../writer-options.ts";
import { EntryForwarder } from "./entry-forwarder.ts";
import type { InlineContinuation } from "./inline-continuation.ts";
import { LanePassage } from "./lane-passage.ts";
import { exitWaitMs, LineSender } from "./line-sender.ts";
import { RemoteFailures } from "./remote-failures.ts";
import { RemoteFlushes } from "./remote-flushes.ts";
import { remoteStatus } from "./remote-status.ts";
import type { RemoteStreamWriterPorts } from "./remote-stream-ports.ts";
import { RoomRetry } from "./room-retry.ts";
import { StreamEnd } from "./stream-end.ts";
import { StreamHandover } from "./stream-handover.ts";
import { WriteThrough } from "./write-through.ts";

/**
 * The side of a stream that stays with the application when a worker writes its files: numbers and encodes entries and
 * sends them in batches. Accepted = written + queued + dropped, where queued is what waits here, under way, or in the
 * worker's own queue.
 */
export class RemoteStreamWriter implements PooledWriter, Flushable, LanePassenger {
  readonly #path: string;
  readonly #isDurable: boolean;
  readonly #ports: RemoteStreamWriterPorts;
  readonly #intake: EntryIntake;
  readonly #bounds: QueueBounds;
  readonly #passage: LanePassage;
  readonly #sender: LineSender;
  readonly #forwarder: EntryForwarder;
  readonly #handover: StreamHandover;
  readonly #flushes: RemoteFlushes;
  #inline: InlineContinuation | undefined;
  /** Whether the numbers given out are final: the files were opened once. */
  #isNumbered = false;
  #isScheduled = false;
  interruptions = 0;
  readonly #failures: RemoteFailures;
  #closing: Promise<void> | undefined;
  /** Whether the predecessor is still there and has written all. */
  #isAfter = false;
  readonly #ending: StreamEnd;
  readonly #retry: RoomRetry;

  constructor(path: string, options: ResolvedStreamOptions, ports: RemoteStreamWriterPorts) {
    this.#path = path;
    this.#failures = new RemoteFailures(path);
    this.#isDurable = options.mode === "durable";
    this.#ports = ports;
    const { clock, budget, lanes, lockFile } = ports;
    this.#intake = new EntryIntake(ports.encoder, clock, false, (error) => {
      this.#failures.last = describeFailure(path, error, clock.now());
    });
    const makeRoom = (msMax: number): void => this.#sender.makeRoom(msMax);
    this.#bounds = new QueueBounds(this.#intake, options, { clock, budget, makeRoom });
    this.#passage = new LanePassage(this, {
      ...{ lanes, path, lockFile, options },
      onOpened: (lastSeq) => this.#noteOpened(lastSeq),
      // The worker tries again by itself; who waits for a flush learns now that it did not happen.
      onUnopened: () => this.#flushes.rejectAll(),
      onStayed: () => this.#advance(),
    });
    this.#flushes = new RemoteFlushes(this.#passage, this.#failures, () => this.status());
    this.#sender = new LineSender(this.#intake, this.#passage, options, clock);
    const parts = {
      ...{ options, intake: this.#intake, bounds: this.#bounds, passage: this.#passage },
      ...{ sender: this.#sender, flushes: this.#flushes, failures: this.#failures },
      queued: () => this.status().queued,
    };
    const writeThrough = new WriteThrough(this.#sender, this.#passage, ports.waitBudget);
    this.#forwarder = new EntryForwarder({ ...parts, writeThrough, schedule: () => this.#schedule() });
    this.#handover = new StreamHandover({ ...parts, createInline: ports.createInline });
    this.#ending = new StreamEnd({
      ...parts,
      flush: () => this.#flushAll(),
      closeInline: () => this.#inline?.writer.close(),
      before: () => this.#before,
    });
    this.#retry = new RoomRetry(clock, () => {
      if (!this.#ending.isReached) this.#advance();
    });
    void ports.before?.released.then(() => this.drain());
  }

  /** Who had the files before, as long as that one may write to them. */
  get #before(): Predecessor | undefined {
    const { before } = this.#ports;
    return before?.isReleased === false && !this.#isAfter ? before : undefined;
  }

  get released(): Promise<void> {
    return this.#ending.released;
  }

  get isReleased(): boolean {
    return this.#ending.isReleased;
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
      this.#schedule();
      return seq === undefined;
    }
    const severity = this.#intake.takeSeverity();
    if (this.#passage.stage === "outside") this.#enterLane();
    return this.#inline !== undefined || this.#forwarder.forward(seq, severity);
  }

  flushPending(): void {
    this.#isScheduled = false;
    this.drain();
    if (this.#passage.isWriting) this.lane?.wakeUp();
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
    if (this.#ending.isReached) return this.isReleased;
    if (this.#passage.stage === "outside") return this.#intake.queue.length === 0;
    // What the event loop has not delivered yet: that the files are open by now, and gaps to be told.
    this.lane?.deliverEvents();
    this.#intake.tellGap();
    const isIdle = this.#intake.queue.length === 0 && this.status().queued === 0;
    if (isIdle && !this.#isDurable) return true;
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
    this.#closing ??= this.#ending.reach();
    return this.#closing;
  }

  status(): WriterStatus {
    const inline = this.#inline?.status();
    return remoteStatus(this.#state(), this.#intake, this.#passage, this.#failures, inline);
  }

  onEvent(event: Exclude<LaneEvent, { readonly kind: "idle" }>): void {
    if (event.kind === "opened") {
      this.#passage.noteOpened(event.lastSeq);
      this.#ports.onOpened(event.lastSeq, event.activePath);
    } else if (event.kind === "sealed") this.#ports.onSealed(event.sealedPath);
    else if (event.kind === "recovered") this.#ports.onRecovered(event.path);
    else if (event.kind === "returned") this.#handover.addQueue(event.lines);
    else if (event.kind === "gap") {
      this.#intake.noteGap(event.gap);
      this.#schedule();
    } else {
      this.#failures.last = event.failure;
      this.#ports.onFailure(event.failure);
    }
  }

  get hasWork(): boolean {
    return this.#flushes.areAwaited || this.status().queued > 0;
  }

  wait(abandoned: readonly AbandonedRequest[]): void {
    this.interruptions++;
    this.#handover.addAbandoned(abandoned);
    this.#passage.wait();
  }

  changeLane(abandoned: readonly AbandonedRequest[]): void {
    this.#handover.addAbandoned(abandoned);
    const { source } = this.#intake.queue;
    if (this.#ending.isReached || source === undefined) this.#passage.leave();
    else if (this.#passage.changeLane(source)) this.#handover.toWorker();
    else this.continueInline([]);
  }

  continueInline(abandoned: readonly AbandonedRequest[]): void {
    this.#handover.addAbandoned(abandoned);
    if (this.#ending.isReached) {
      this.#passage.leave();
      return;
    }
    this.#handover.toThisThread(this.#isNumbered, (inline) => {
      this.#inline = inline;
    });
    this.#bounds.forget();
    this.#advance();
  }

  #state(): WriterState {
    if (this.#closing !== undefined) return "closed";
    if (this.#inline !== undefined) return this.#inline.writer.status().state;
    return this.#passage.isDegraded || this.#before !== undefined ? "degraded" : "open";
  }

  #schedule(): void {
    if (this.#isScheduled || this.#ending.isReached) return;
    this.#ports.schedule.add(this);
    this.#isScheduled = true;
  }

  /** Has a worker open the files, once something waits for them. */
  #enterLane(): void {
    const { source = { containerId: "", componentName: "" }, length } = this.#intake.queue;
    if (this.#passage.stage !== "outside" || this.#inline !== undefined) return;
    if (length === 0 || this.#ending.isReached || this.#before !== undefined || !hasStackRoom()) return;
    if (!this.#passage.enter(source)) this.continueInline([]);
  }

  /** @param lastSeq - of the last entry in the files. */
  #noteOpened(lastSeq: number): void {
    const { queue } = this.#intake;
    this.#handover.settle(lastSeq);
    // Opened once more, in another lane, they may hold a gap record more than was known here.
    const next = queue.firstSeq ?? this.#intake.lastSeq + 1;
    this.#intake.continueAfter(this.#isNumbered ? Math.max(0, lastSeq + 1 - next) : lastSeq);
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
    this.#enterLane();
    if (this.#flushes.areAwaited) this.#passage.openAgain();
    if (!this.#sender.send()) {
      if (this.#sender.isHeldBack) this.#flushes.rejectAll();
      this.#forwarder.noteHeldUp();
      if (this.#flushes.areAwaited && this.#passage.isWriting) this.#retry.set();
      return;
    }
    this.#forwarder.noteSent();
    const isDue = this.#flushes.areAwaited && this.#passage.stage === "open";
    if (isDue && !this.#flushes.request()) this.#schedule();
  }

  async #flushAll(): Promise<void> {
    if (this.#before !== undefined) await untilReleased(this.#before, () => this.#ending.isReached);
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
}
