import type { EntryInput, WriterStatus } from "@waybill/protocols";
import { EntryIntake } from "../entry-intake.ts";
import { describeFailure } from "../failure.ts";
import { FilesTurn } from "../files-turn.ts";
import { writerClosed } from "../flush-errors.ts";
import type { Flushable } from "../flush-schedule.ts";
import type { LaneStreamEvent } from "../lane/lane-messages.ts";
import type { LanePassenger } from "../lane/lane-set.ts";
import type { AbandonedRequest } from "../lane/lane-takeover.ts";
import type { WorkerLane } from "../lane/worker-lane.ts";
import type { PooledWriter, StreamRest } from "../pooled-writer.ts";
import { QueueBounds } from "../queue-bounds.ts";
import type { ResolvedStreamOptions, WriterMode } from "../writer-options.ts";
import { EntryForwarder } from "./entry-forwarder.ts";
import type { InlineContinuation } from "./inline-continuation.ts";
import { type LaneNewsParts, passOn } from "./lane-news.ts";
import { LanePassage } from "./lane-passage.ts";
import { LineSender } from "./line-sender.ts";
import { nobody } from "./nobody.ts";
import { RemoteFailures } from "./remote-failures.ts";
import { RemoteFlushes } from "./remote-flushes.ts";
import { remoteState, remoteStatus } from "./remote-status.ts";
import type { RemoteStreamWriterPorts } from "./remote-stream-ports.ts";
import { StreamEnd } from "./stream-end.ts";
import { StreamHandover } from "./stream-handover.ts";
import { StreamProgress } from "./stream-progress.ts";
import { WriteThrough } from "./write-through.ts";
import { WrittenAges } from "./written-ages.ts";

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
  readonly #forwarder: EntryForwarder;
  readonly #handover: StreamHandover;
  readonly #flushes: RemoteFlushes;
  readonly #news: LaneNewsParts;
  #inline: InlineContinuation | undefined;
  #isScheduled = false;
  readonly #failures: RemoteFailures;
  #closing: Promise<void> | undefined;
  readonly #turn: FilesTurn;
  readonly #ending: StreamEnd;
  readonly #progress: StreamProgress;

  constructor(path: string, options: ResolvedStreamOptions, ports: RemoteStreamWriterPorts) {
    this.#path = path;
    this.#failures = new RemoteFailures(path);
    this.#options = options;
    this.#ports = ports;
    const { clock, budget, lanes, lockFile } = ports;
    this.#intake = new EntryIntake(ports.encoder, clock, false, (error) => {
      this.#failures.last = describeFailure(path, error, clock.now());
    });
    this.#intake.queue.isAgeKept = ports.onWritten !== undefined;
    const makeRoom = (msMax: number): void => this.#sender.makeRoom(msMax);
    this.#bounds = new QueueBounds(this.#intake, options, { clock, budget, makeRoom });
    this.#passage = new LanePassage(this, {
      ...{ lanes, path, lockFile, options },
      onOpened: (lastSeq) => {
        this.#handover.noteOpened(lastSeq);
        this.drain();
      },
      // The worker tries again by itself; who waits for a flush learns now that it did not happen.
      onUnopened: () => this.#flushes.rejectAll(),
      onLeft: () => this.continueInline([]),
      onStayed: () => this.drain(),
    });
    this.#flushes = new RemoteFlushes(this.#passage, this.#failures, () => this.status());
    const ages = ports.onWritten && new WrittenAges(this.#passage, ports.onWritten);
    this.#sender = new LineSender(this.#intake, this.#passage, options, clock, ages);
    const parts = {
      ...{ options, intake: this.#intake, bounds: this.#bounds, passage: this.#passage },
      ...{ sender: this.#sender, flushes: this.#flushes, failures: this.#failures },
      queued: () => this.status().queued,
      schedule: () => this.#schedule(),
    };
    const writeThrough = new WriteThrough(this.#sender, this.#passage, ports.waitBudget);
    this.#forwarder = new EntryForwarder({ ...parts, writeThrough });
    this.#handover = new StreamHandover({ ...parts, createInline: ports.createInline });
    this.#news = { ...parts, handover: this.#handover, ages, ports };
    this.#ending = new StreamEnd({
      ...parts,
      flush: () => this.#progress.flush(),
      closeInline: () => this.#inline?.writer.close(),
      before: () => this.#turn.before,
    });
    this.#turn = new FilesTurn(ports.before, () => this.drain());
    this.#progress = new StreamProgress({
      ...{ ...parts, path, clock, forwarder: this.#forwarder, turn: this.#turn, sealLeft: ports.sealLeft },
      isEnded: () => this.#ending.isReached,
      inline: () => this.#inline?.writer,
      continueInline: () => this.continueInline([]),
    });
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

  get hasWork(): boolean {
    return this.#flushes.areAwaited || this.status().queued > 0;
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
    if (this.#passage.stage === "outside") this.#progress.enterLane();
    return this.#inline !== undefined || this.#forwarder.forward(seq, severity);
  }

  flushPending(): void {
    this.#isScheduled = false;
    this.drain();
    if (this.#passage.isWriting) this.lane?.wakeUp();
  }

  drain(): void {
    this.#progress.advance();
  }

  flushSync(): boolean {
    if (this.#inline !== undefined) return this.#inline.writer.flushSync();
    this.#intake.tellGap();
    this.#turn.pass();
    this.#progress.enterLane();
    if (this.#ending.isReached) return this.isReleased;
    if (this.#passage.stage === "outside") return this.#intake.queue.length === 0;
    // What the event loop has not delivered yet: that the files are open by now, and gaps to be told.
    this.lane?.deliverEvents();
    this.#intake.tellGap();
    const isIdle = this.#intake.queue.length === 0 && this.status().queued === 0;
    if (isIdle && this.#options.mode !== "durable") return true;
    this.#passage.openAgain();
    return this.#sender.flushAll() || this.#flushInline();
  }

  /** When the stream has come to this thread meanwhile. */
  #flushInline(): boolean {
    return this.#inline?.writer.flushSync() === true;
  }

  async flush(): Promise<void> {
    if (this.#closing !== undefined) throw writerClosed(this.#path);
    await this.#progress.flush();
  }

  async seal(): Promise<void> {
    if (this.#closing !== undefined) throw writerClosed(this.#path);
    await this.#progress.seal();
  }

  reopen(): void {
    if (this.#inline !== undefined) this.#inline.writer.reopen();
    else this.#passage.reopen();
  }

  get mode(): WriterMode {
    return this.#inline?.writer.mode ?? this.#options.mode;
  }

  noteOptions(): void {
    this.#inline?.writer.noteOptions();
    // What was accepted before goes first.
    this.drain();
    this.#passage.told.noteChange();
    if (this.#isScheduled) this.#ports.schedule.add(this);
    this.drain();
  }

  endIfSaved(): StreamRest | undefined {
    const rest = this.#inline?.writer.endIfSaved();
    if (rest !== undefined) this.#closing = this.#ending.reachSaved();
    return rest;
  }

  continueBehind({ lastSeq, source }: StreamRest): void {
    this.#intake.queue.source = source;
    this.#handover.beginAbove(lastSeq);
    this.#passage.told.noteUnsynced();
    if (!this.#passage.enter(source ?? nobody)) this.continueInline([]);
  }

  close(): Promise<void> {
    this.#closing ??= this.#ending.reach();
    return this.#closing;
  }

  get activeBytes(): number {
    return this.#inline?.writer.activeBytes ?? this.#passage.counts.total().activeBytes;
  }

  get lastWriteMs(): number {
    return Math.max(this.#inline?.writer.lastWriteMs ?? 0, this.#passage.counts.total().lastWriteMs);
  }

  status(): WriterStatus {
    const inline = this.#inline?.status();
    const isBehind = this.#turn.before !== undefined || this.#options.mode === "sync";
    const state = remoteState(this.#closing !== undefined, isBehind, this.#passage, inline);
    return remoteStatus(state, this.#intake, this.#passage, this.#failures, inline);
  }

  onEvent(event: LaneStreamEvent): void {
    passOn(event, this.#news);
  }

  get interruptions(): number {
    return this.#passage.interruptions;
  }

  wait(abandoned: readonly AbandonedRequest[]): void {
    this.#handover.addAbandoned(abandoned);
    this.#passage.wait();
  }

  changeLane(abandoned: readonly AbandonedRequest[]): void {
    this.#handover.addAbandoned(abandoned);
    const { source = nobody } = this.#intake.queue;
    if (this.#ending.isReached) this.#leave();
    else if (this.#passage.changeLane(source)) this.#handover.toWorker();
    else this.continueInline([]);
  }

  continueInline(abandoned: readonly AbandonedRequest[]): void {
    this.#handover.addAbandoned(abandoned);
    if (this.#ending.isReached) {
      this.#leave();
      return;
    }
    this.#handover.toThisThread((inline) => {
      this.#inline = inline;
    });
    this.#bounds.forget();
    this.drain();
  }

  /** Nobody goes on with the stream. Who waits for a flush that was under way is told, as others were by the end. */
  #leave(): void {
    this.#passage.leave();
    this.#flushes.rejectAll();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#ending.isReached) return;
    this.#ports.schedule.add(this);
    this.#isScheduled = true;
  }
}
