import {
  type EntryInput,
  type EntrySource,
  severityOf,
  WaybillError,
  type WriterStatus,
} from "@waybill/protocols";
import { sleepBlocking } from "./blocking-sleep.ts";
import { EntryIntake } from "./entry-intake.ts";
import type { EntryQueue } from "./entry-queue.ts";
import type { Flushable } from "./flush-schedule.ts";
import type { PooledWriter } from "./pooled-writer.ts";
import { type Predecessor, untilReleased } from "./predecessor.ts";
import { QueueBounds } from "./queue-bounds.ts";
import { QueueDrain } from "./queue-drain.ts";
import { closeMsMax, settledWithin } from "./remote/settled-within.ts";
import type { SegmentStream } from "./segment-stream.ts";
import { StreamHealth } from "./stream-health.ts";
import type { LostEntries } from "./stream-opening.ts";
import type { StreamWriterPorts } from "./stream-writer-ports.ts";
import type { ResolvedStreamOptions } from "./writer-options.ts";

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
  readonly #isDurable: boolean;
  readonly #health: StreamHealth;
  #isScheduled = false;
  #closing: Promise<void> | undefined;

  constructor(stream: SegmentStream, options: ResolvedStreamOptions, ports: StreamWriterPorts) {
    this.#stream = stream;
    this.#options = options;
    this.#ports = ports;
    this.#health = new StreamHealth(
      () => stream.path.active,
      ports,
      () => this.#files.drain(),
    );
    this.#isDurable = options.mode === "durable";
    this.#intake = new EntryIntake(ports.encoder, ports.clock, this.#isDurable, (error) =>
      this.#health.note(error),
    );
    this.#queue = this.#intake.queue;
    this.#files = new QueueDrain(stream, this.#intake, this.#health, options, {
      ...ports,
      onEmpty: () => this.#bounds.forget(),
    });
    void ports.before?.released.then(() => {
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

  /** Who had the files before, as long as that one may be at them. */
  get #before(): Predecessor | undefined {
    const { before } = this.#ports;
    return before?.isReleased === false ? before : undefined;
  }

  get isReleased(): boolean {
    return this.isEnded && this.#before === undefined;
  }

  get released(): Promise<void> {
    return Promise.allSettled([this.#closing, this.#before?.released]).then(() => undefined);
  }

  /** Whether it was closed. */
  get isEnded(): boolean {
    return this.#health.state === "closed";
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
      this.#options.mode === "sync" ||
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

  /** Before it is opened: see {@link StreamOpening.noteUnsynced}. */
  noteUnsynced(): void {
    this.#files.noteUnsynced();
  }

  /** Under whose name gap records are written, when no entry comes in here. */
  setSource(source: EntrySource | undefined): void {
    if (source !== undefined) this.#queue.source = source;
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

  /** Goes on with the numbers after `lastSeq`, if that is further than here. */
  adopt(lastSeq: number): void {
    this.#intake.lastSeq = Math.max(this.#intake.lastSeq, lastSeq);
  }

  drain(): void {
    if (this.#health.state === "open") this.#files.drain();
  }

  reopen(): void {
    this.#stream.reopen();
  }

  flushPending(): void {
    this.#isScheduled = false;
    if (this.#health.state === "open") this.#files.drain();
  }

  flushSync(): boolean {
    return this.#health.state === "closed" || this.flushNow() === undefined;
  }

  async flush(): Promise<void> {
    const { active } = this.#stream.path;
    if (this.#before !== undefined) await untilReleased(this.#before, () => this.isEnded);
    if (this.#health.state === "closed")
      throw new WaybillError("WAYBILL_WRITER_CLOSED", `${active} is closed`);
    const failure = this.flushNow();
    if (failure !== undefined) throw failure;
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  status(): WriterStatus {
    const { state, lastFailure } = this.#health;
    return {
      state,
      accepted: this.#intake.accepted,
      written: this.#files.written,
      queued: this.#queue.entries + this.#queue.encoding,
      dropped: this.#intake.dropped,
      bytesWritten: this.#files.bytesWritten,
      lastFailure: lastFailure && {
        code: lastFailure.code,
        message: lastFailure.message,
        atMs: lastFailure.atMs,
      },
    };
  }

  async #end(): Promise<void> {
    const isGivenUp = (): boolean => this.isEnded;
    if (this.#before !== undefined) await settledWithin(untilReleased(this.#before, isGivenUp), closeMsMax);
    const failure = this.endNow();
    if (failure !== undefined) throw failure;
  }

  /** Gives the whole lines away that wait, and ends without a word: somebody else goes on. */
  takeQueue(): Uint8Array {
    this.#queue.detachEncoding();
    if (this.#queue.isCut) this.#queue.dropCut();
    const lines = Uint8Array.from(this.#queue.view());
    this.#queue.clear();
    this.#health.end();
    return lines;
  }

  /** Drains, and in `durable` mode syncs. @returns what kept it from that. */
  flushNow(): WaybillError | undefined {
    return this.#files.flushNow();
  }

  /** Flushes and ends the writer before it returns. @returns what kept it from the flush. */
  endNow(): WaybillError | undefined {
    let failure = this.flushNow();
    // Nobody will flush again, so what a failed fsync has put back into the queue gets its second copy now.
    if (failure?.code === "WAYBILL_SYNC_FAILED") failure = this.flushNow();
    if (failure?.code === "WAYBILL_SYNC_FAILED") this.#files.leaveOneCopy();
    this.#intake.dropped += this.#queue.clear();
    this.#bounds.forget();
    this.#health.end();
    this.#stream.releaseDescriptor();
    return failure;
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
