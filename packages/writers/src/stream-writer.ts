import type { EntryEncoder } from "@waybill/log-tree";
import {
  type EntryInput,
  type EntrySource,
  severityOf,
  WaybillError,
  type WriterStatus,
} from "@waybill/protocols";
import type { Damage } from "./active-segment.ts";
import { EntryIntake } from "./entry-intake.ts";
import type { EntryQueue } from "./entry-queue.ts";
import { flushFailed, syncFailed } from "./flush-errors.ts";
import type { Flushable, FlushSchedule } from "./flush-schedule.ts";
import type { Gap } from "./gap-entry.ts";
import type { PooledWriter } from "./pooled-writer.ts";
import type { QueueBudget } from "./queue-budget.ts";
import type { SegmentStream } from "./segment-stream.ts";
import { StreamHealth, type StreamHealthPorts } from "./stream-health.ts";
import type { ResolvedStreamOptions } from "./writer-options.ts";

/** Bytes that trigger a write: beyond 64 KiB nothing more is gained. */
export const batchBytes = 65_536;
/** How much of a full queue stays after dropping; the rest is room until the next time. */
export const keptShareOfQueue = 0.75;

/** What a stream writer works with. */
export interface StreamWriterPorts extends StreamHealthPorts {
  readonly encoder: EntryEncoder;
  readonly schedule: FlushSchedule;
  /** Common to the streams of this thread. */
  readonly budget: QueueBudget;
  /** Told once when the files of the stream have been opened for the first time. */
  readonly onOpened: (lastSeq: number) => void;
  /** Takes what is found missing in the file, when the numbers are given out elsewhere. Default: it is told here. */
  readonly onGap?: (gap: Gap) => void;
  /** Told about each segment after it was sealed. */
  readonly onSealed: (sealedPath: string) => void;
}

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
  readonly #isDurable: boolean;
  readonly #health: StreamHealth;
  #isScheduled = false;
  #isOpened = false;
  #written = 0;
  #bytesWritten = 0;
  #closing: Promise<void> | undefined;

  constructor(stream: SegmentStream, options: ResolvedStreamOptions, ports: StreamWriterPorts) {
    this.#stream = stream;
    this.#options = options;
    this.#ports = ports;
    this.#health = new StreamHealth(stream.path.active, ports, () => this.#drain());
    this.#isDurable = options.mode === "durable";
    this.#intake = new EntryIntake(ports.encoder, ports.clock, this.#isDurable, (error) =>
      this.#health.note(error),
    );
    this.#queue = this.#intake.queue;
  }

  write(entry: EntryInput): boolean {
    if (this.#health.state === "closed") return false;
    if (!this.#isOpened && this.#health.failures === 0) this.#tryOpen();
    const seq = this.#intake.take(entry);
    if (seq === undefined || seq === 0) return seq === undefined;
    if (this.#health.state !== "open") return this.#keepWithinQueue(seq);
    if (
      this.#options.mode === "sync" ||
      this.#queue.length >= batchBytes ||
      this.#queue.lineCount >= this.#options.batchEntriesMax ||
      severityOf[entry.level] >= severityOf.ERROR
    ) {
      this.#drain();
      return true;
    }
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      this.#ports.schedule.add(this);
    }
    return true;
  }

  /**
   * Takes over entries that were numbered and encoded elsewhere, whole lines in order, and writes them.
   *
   * @param count - how many there are.
   */
  writeLines(lines: Uint8Array, count: number): void {
    this.#intake.accepted += count;
    if (this.#isOpened && this.#queue.length === 0 && this.#health.state === "open" && !this.#isDurable) {
      // The usual case: from where they lie into the file, without a copy.
      const { writtenBytes, error } = this.#stream.append(lines, 0, lines.length);
      if (error === undefined) {
        this.#written += count;
        this.#bytesWritten += writtenBytes;
        this.#tellFound();
        return;
      }
      this.#queue.appendLines(lines, count);
      this.#noteAppended(writtenBytes, error);
      return;
    }
    this.#queue.appendLines(lines, count);
    if (this.#health.state === "open") this.#drain();
    else this.#keepWithinQueue(0);
  }

  /** Under whose name gap records are written, when no entry comes in here. */
  setSource(source: EntrySource | undefined): void {
    if (source !== undefined) this.#queue.source = source;
  }

  /** Opens the files, unless they are. @returns the number after which entries go on; undefined when that failed. */
  open(): number | undefined {
    if (!this.#isOpened) this.#tryOpen();
    return this.#isOpened ? this.#intake.lastSeq : undefined;
  }

  /** Goes on with the numbers after `lastSeq`, if that is further than here. */
  adopt(lastSeq: number): void {
    this.#intake.lastSeq = Math.max(this.#intake.lastSeq, lastSeq);
  }

  drain(): void {
    if (this.#health.state === "open") this.#drain();
  }

  reopen(): void {
    this.#stream.reopen();
  }

  flushPending(): void {
    this.#isScheduled = false;
    if (this.#health.state === "open") this.#drain();
  }

  flushSync(): boolean {
    return this.#health.state === "closed" || this.flushNow() === undefined;
  }

  async flush(): Promise<void> {
    const { active } = this.#stream.path;
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
      written: this.#written,
      queued: this.#queue.entries + this.#queue.encoding,
      dropped: this.#intake.dropped,
      bytesWritten: this.#bytesWritten,
      lastFailure: lastFailure && {
        code: lastFailure.code,
        message: lastFailure.message,
        atMs: lastFailure.atMs,
      },
    };
  }

  /** Drains, and in `durable` mode syncs. @returns what kept it from that. */
  flushNow(): WaybillError | undefined {
    this.#intake.tellGap();
    this.#drain();
    if (this.#queue.length > 0 || this.#stream.isSuspect) {
      return flushFailed(this.#stream.path.active, this.#queue.entries, this.#health.lastFailure);
    }
    if (!this.#isDurable || !this.#isOpened) return undefined;
    return this.#sync();
  }

  #sync(): WaybillError | undefined {
    try {
      this.#stream.sync();
      return undefined;
    } catch (error) {
      this.#health.fail(error);
      return syncFailed(this.#stream.path.active, error);
    } finally {
      this.#queue.keepUnsynced(this.#stream.unsyncedBytes);
      this.#tellSealed();
    }
  }

  async #end(): Promise<void> {
    const failure = this.endNow();
    if (failure !== undefined) throw failure;
  }

  /** Flushes and ends the writer before it returns. @returns what kept it from the flush. */
  endNow(): WaybillError | undefined {
    let failure = this.flushNow();
    // Nobody will flush again, so what a failed fsync has put back into the queue gets its second copy now.
    if (failure?.code === "WAYBILL_SYNC_FAILED") failure = this.flushNow();
    if (failure?.code === "WAYBILL_SYNC_FAILED") this.#leaveOneCopy();
    this.#intake.dropped += this.#queue.clear();
    this.#health.end();
    this.#stream.releaseDescriptor();
    return failure;
  }

  /** Neither copy is known to be safe, and readers would find both. */
  #leaveOneCopy(): void {
    try {
      this.#stream.cutSuspects();
      this.#tellSealed();
    } catch (error) {
      this.#health.note(error);
    }
  }

  /**
   * Opens the stream and continues its numbers. Entries that were encoded before (because opening failed so far) get
   * the numbers that they would have had.
   */
  #tryOpen(): void {
    try {
      const { lastSeq, damage } = this.#stream.open();
      this.#isOpened = true;
      this.#intake.continueAfter(lastSeq + (damage === undefined ? 0 : 1));
      if (damage !== undefined) {
        this.#queue.prependGap(damageGap(damage), lastSeq + 1);
      }
    } catch (error) {
      this.#health.fail(error);
      return;
    }
    this.#ports.onOpened(this.#intake.lastSeq);
  }

  /** Hands the queue to the file system as far as that goes. */
  #drain(): void {
    const queue = this.#queue;
    if (queue.length === 0 && this.#health.state === "open") return;
    queue.detachEncoding();
    if (!this.#isOpened) this.#tryOpen();
    if (!this.#isOpened || !this.#rewriteSuspect()) return;
    if (queue.isCut && !this.#stream.isMidLine) this.#dropRest();
    const { writtenBytes, error } = this.#stream.append(queue.bytes, 0, queue.length);
    this.#noteAppended(writtenBytes, error);
    if (queue.unsyncedBytes > this.#options.queueBytesMax && queue.length === 0) this.#sync();
    this.#tellFound();
  }

  #noteAppended(writtenBytes: number, error: unknown): void {
    this.#written += this.#queue.consume(writtenBytes);
    this.#bytesWritten += writtenBytes;
    this.#queue.keepUnsynced(this.#stream.unsyncedBytes);
    if (error === undefined) this.#health.recover();
    else this.#health.fail(error);
  }

  /** Passes on what the files have told: sealed segments, bytes that others took. */
  #tellFound(): void {
    const damage = this.#stream.takeDamage();
    if (damage !== undefined) this.#noteGap(damageGap(damage));
    this.#tellSealed();
  }

  #noteGap(gap: Gap): void {
    if (this.#ports.onGap === undefined) this.#intake.noteGap(gap);
    else this.#ports.onGap(gap);
  }

  /** Queues again what a failed fsync may have lost. @returns false when the suspect segment cannot be left. */
  #rewriteSuspect(): boolean {
    if (!this.#stream.isSuspect) return true;
    try {
      this.#stream.leaveSuspect();
    } catch (error) {
      this.#health.fail(error);
      return false;
    }
    this.#written -= this.#queue.takeBack();
    return true;
  }

  /** The file that held the beginning of a line is gone, and with it the line. */
  #dropRest(): void {
    const lost = this.#queue.dropCut();
    this.#intake.dropped += lost;
    if (lost > 0) this.#noteGap({ dropped: lost, byLevel: {}, fromSeq: 0, toSeq: 0, reason: "replaced" });
    if (this.#ports.onGap === undefined) this.#intake.tellGap();
  }

  #tellSealed(): void {
    for (const sealedPath of this.#stream.takeSealed()) this.#ports.onSealed(sealedPath);
  }

  /** @returns whether the entry of this number is still in the queue. */
  #keepWithinQueue(seq: number): boolean {
    // Closed from inside the entry itself.
    if (this.#health.state === "closed") {
      this.#intake.dropped += this.#queue.clear();
      return false;
    }
    const { queueBytesMax, overflow, blockMsMax } = this.#options;
    const isWithin = (): boolean =>
      this.#queue.length <= queueBytesMax && this.#ports.budget.note(this, this.#queue.length);
    if (isWithin()) return true;
    if (overflow === "block" && this.#waitForRoom(blockMsMax, isWithin)) return true;
    const reason = this.#health.lastFailure?.code ?? "queue";
    const limit = Math.min(queueBytesMax, this.#queue.length);
    const order = overflow === "drop_oldest" ? "oldest" : "least_severe";
    const plan = this.#queue.dropDownTo(Math.floor(limit * keptShareOfQueue), reason, order);
    this.#intake.dropped += plan.dropped.length;
    this.#ports.budget.note(this, this.#queue.length);
    return plan.kept.some((line) => line.seq === seq);
  }

  /** Tries to write again and again; sleeps in between, for the caller has chosen to wait. */
  #waitForRoom(msMax: number, isWithin: () => boolean): boolean {
    for (let waitedMs = 0; waitedMs < msMax; waitedMs += blockStepMs) {
      sleep(Math.min(blockStepMs, msMax - waitedMs));
      this.#drain();
      if (isWithin()) return true;
    }
    return false;
  }
}

function damageGap({ reason, bytes }: Damage): Gap {
  return { dropped: 0, byLevel: {}, fromSeq: 0, toSeq: 0, reason, tornBytes: bytes };
}

/** Milliseconds between two tries while a caller waits for room. */
const blockStepMs = 5;
const neverNotified = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

function sleep(ms: number): void {
  Atomics.wait(neverNotified, 0, 0, ms);
}
