import { type EntryInput, severityOf, type WaybillError, type WriterStatus } from "@waybill/protocols";
import { sleepBlocking } from "./blocking-sleep.ts";
import { EntryIntake } from "./entry-intake.ts";
import type { EntryQueue } from "./entry-queue.ts";
import { failureStatus } from "./failure.ts";
import { FilesTurn } from "./files-turn.ts";
import { sealFailed, throwIf, writerClosed } from "./flush-errors.ts";
import type { Flushable } from "./flush-schedule.ts";
import type { PooledWriter, StreamRest } from "./pooled-writer.ts";
import { QueueBounds } from "./queue-bounds.ts";
import { QueueDrain } from "./queue-drain.ts";
import { closeMsMax } from "./remote/settled-within.ts";
import type { SegmentStream } from "./segment-stream.ts";
import { StreamHealth } from "./stream-health.ts";
import type { LostEntries } from "./stream-opening.ts";
import { StreamStart } from "./stream-start.ts";
import type { StreamWriterPorts } from "./stream-writer-ports.ts";
import type { ResolvedStreamOptions, WriterMode } from "./writer-options.ts";

/**
 * Bytes that trigger a write: some lines less than 16 KiB, the size of the buffer that each stream has. Larger ones gain
 * nothing, and with 500 containers 64 KiB cost 140 MB more (`benchmarks/src/write`).
 */
export const batchBytes = 15_360;

/**
 * The writer of one stream: numbers and encodes entries into memory, and hands them in batches to its
 * {@link SegmentStream}. Accepted = written + queued + dropped at every moment.
 *
 * While the file cannot be written, entries wait in a bounded queue and the file is tried again with growing pauses;
 * when the queue is full the least severe go first, and a gap record tells so at their place. After a failed fsync all
 * that was written since the last good one is queued again, for a new segment.
 */
export class StreamWriter implements PooledWriter, Flushable {
  readonly #stream: SegmentStream;
  readonly #options: ResolvedStreamOptions;
  readonly #ports: StreamWriterPorts;
  readonly #intake: EntryIntake;
  readonly #queue: EntryQueue;
  readonly #bounds: QueueBounds;
  readonly #files: QueueDrain;
  readonly #health: StreamHealth;
  readonly #turn: FilesTurn;
  readonly mode: WriterMode;
  /** What it is told before it opens its files. */
  readonly start: StreamStart;
  #isScheduled = false;
  #closing: Promise<void> | undefined;

  constructor(stream: SegmentStream, options: ResolvedStreamOptions, ports: StreamWriterPorts) {
    this.#stream = stream;
    this.#options = options;
    this.#ports = ports;
    const tryAgain = (): void => this.#files.drain();
    this.#health = new StreamHealth(() => stream.path.active, ports, tryAgain);
    this.mode = options.mode;
    const noteFailure = (error: unknown): void => void this.#health.note(error);
    this.#intake = new EntryIntake(ports.encoder, ports.clock, this.mode === "durable", noteFailure);
    this.#queue = this.#intake.queue;
    this.#queue.isAgeKept = ports.onWritten !== undefined;
    this.#files = new QueueDrain(stream, this.#intake, this.#health, options, {
      ...ports,
      onEmpty: () => this.#bounds.forget(),
    });
    this.start = new StreamStart(this.#intake, this.#files);
    this.#turn = new FilesTurn(ports.before, () => {
      if (!this.isEnded) this.#files.drain();
    });
    this.#bounds = new QueueBounds(this.#intake, options, {
      clock: ports.clock,
      budget: ports.budget,
      makeRoom: (msMax) => {
        sleepBlocking(msMax);
        this.#files.drain();
      },
    });
  }

  get isReleased(): boolean {
    return this.isEnded && this.#turn.before === undefined;
  }

  get released(): Promise<void> {
    return Promise.allSettled([this.#closing, this.#turn.before?.released]).then(() => undefined);
  }

  /** Whether it was closed. */
  get isEnded(): boolean {
    return this.#health.state === "closed";
  }

  get activeBytes(): number {
    return this.#stream.activeBytes;
  }

  get lastWriteMs(): number {
    return this.#files.lastWriteMs;
  }

  /** Bytes that wait to be written. */
  get queuedBytes(): number {
    return this.#queue.length;
  }

  /** Entries lost of which the gap records wait to be written. */
  get untold(): number {
    return this.#queue.untold;
  }

  write(entry: EntryInput): boolean {
    if (this.#health.state === "closed") return false;
    if (!this.#files.isOpened && this.#health.failures === 0) this.#files.tryOpen();
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
    if (seq === undefined || seq === 0) return this.#isAside(seq);
    const severity = this.#intake.takeSeverity();
    if (this.#health.state !== "open") return this.#keepWithinQueue(seq);
    if (
      this.mode === "sync" ||
      this.#queue.length >= batchBytes ||
      this.#queue.lineCount >= this.#options.batchEntriesMax ||
      (severity >= severityOf.ERROR && this.#options.writeThrough)
    ) {
      this.#files.drain();
      const isDone = this.#queue.length === 0 || this.#health.state !== "open";
      if (isDone) return true;
    }
    this.#scheduleFlush();
    return true;
  }

  /** @returns whether an entry waits behind the one that logged it; it was lost if it has the number 0. */
  #isAside(seq: 0 | undefined): boolean {
    // Of an entry that was lost because the stack was at its end, what it logged before has nobody else to send it.
    this.#scheduleFlush();
    return seq === undefined;
  }

  #scheduleFlush(): void {
    if (this.#isScheduled) return;
    this.#ports.schedule.add(this);
    this.#isScheduled = true;
  }

  /**
   * Takes over entries that were numbered and encoded elsewhere, whole lines in order, and writes them.
   *
   * @param entries - of the lines that are no gap records.
   */
  writeLines(lines: Uint8Array, entries: number): void {
    this.#intake.accepted += entries;
    if (this.#health.state === "open" && this.#files.appendPast(lines, entries)) return;
    this.#queue.appendLines(lines, entries);
    if (this.#health.state === "open") this.#files.drain();
    else this.#keepWithinQueue(0);
  }

  /**
   * Goes on with a stream whose writer has ended in the midst of its work, without numbering anew.
   *
   * @param lines - whole, in order; the first of them may stand in the file, and are not written again then.
   * @param entries - of the lines that are no gap records.
   * @param lost - what that writer alone had.
   */
  continueStream(lines: Uint8Array, entries: number, lost?: LostEntries): void {
    this.#files.continueNumbers(lost);
    this.#intake.accepted += lost?.entries ?? 0;
    this.#intake.dropped += lost?.entries ?? 0;
    this.writeLines(lines, entries);
    this.open();
  }

  /** Opens the files, unless they are. @returns the number after which entries go on; undefined when that failed. */
  open(): number | undefined {
    // By draining: a stream that failed has recovered then, and keeps what comes next within no bounds.
    if (!this.#files.isOpened) {
      this.#files.tryOpen();
      if (this.#files.isOpened) this.#files.drain();
    }
    return this.#files.isOpened ? this.#intake.lastSeq : undefined;
  }

  drain(): void {
    if (this.#health.state === "open") this.#files.drain();
  }

  reopen(): void {
    this.#stream.reopen();
  }

  noteOptions(): void {
    this.#stream.configure(this.#options);
    // What waits for a tick of the interval before is not kept waiting by that.
    if (this.#isScheduled) this.#ports.schedule.add(this);
  }

  endIfSaved(): StreamRest | undefined {
    if (this.#health.state !== "open" || !this.#files.isSaved()) return undefined;
    this.#finish();
    return { lastSeq: this.#intake.lastSeq, source: this.#queue.source };
  }

  continueBehind(rest: StreamRest): void {
    this.start.beginAbove(rest);
    this.open();
  }

  flushPending(): void {
    this.#isScheduled = false;
    if (this.#health.state === "open") this.#files.drain();
  }

  flushSync(): boolean {
    return this.#health.state === "closed" || this.flushNow() === undefined;
  }

  async flush(): Promise<void> {
    if (this.#turn.before !== undefined) await this.#turn.come(() => this.isEnded);
    throwIf(this.isEnded ? writerClosed(this.#stream.path.active) : this.flushNow());
  }

  async seal(): Promise<void> {
    const { before } = this.#turn;
    const isTurn = before === undefined || (await this.#turn.comeWithin(closeMsMax, () => this.isEnded));
    if (this.isEnded) throw writerClosed(this.#stream.path.active);
    throwIf(isTurn ? this.sealNow() : sealFailed(this.#stream.path.active, undefined));
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  status(): WriterStatus {
    return {
      state: this.#health.state,
      accepted: this.#intake.accepted,
      written: this.#files.written,
      queued: this.#queue.entries + this.#queue.encoding,
      dropped: this.#intake.dropped,
      bytesWritten: this.#files.bytesWritten,
      lastFailure: failureStatus(this.#health.lastFailure),
    };
  }

  async #end(): Promise<void> {
    if (this.#turn.before !== undefined) await this.#turn.comeWithin(closeMsMax, () => this.isEnded);
    throwIf(this.endNow());
  }

  /** Gives the whole lines away that wait, and ends without a word: somebody else goes on. */
  takeQueue(): Uint8Array {
    const lines = this.#queue.takeLines();
    this.#health.end();
    return lines;
  }

  /** Drains, and in `durable` mode syncs. @returns what kept it from that. */
  flushNow(): WaybillError | undefined {
    return this.#files.flushNow();
  }

  /** See {@link QueueDrain.sealNow}. */
  sealNow(): WaybillError | undefined {
    return this.#files.sealNow();
  }

  /** Flushes and ends the writer before it returns. @returns what kept it from the flush. */
  endNow(): WaybillError | undefined {
    const failure = this.#files.flushLast();
    this.#intake.dropped += this.#queue.clear();
    this.#finish();
    return failure;
  }

  #finish(): void {
    this.#bounds.forget();
    this.#health.end();
    this.#stream.releaseDescriptor();
  }

  /** @returns whether the entry of this number is still in the queue. */
  #keepWithinQueue(seq: number): boolean {
    // Closed from inside the entry itself.
    if (this.isEnded) {
      this.#intake.dropped += this.#queue.clear();
      return false;
    }
    return this.#bounds.keep(seq, this.#health.lastFailure?.code ?? "queue");
  }
}
