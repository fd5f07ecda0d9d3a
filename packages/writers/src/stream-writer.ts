import type { EntryEncoder } from "@waybill/log-tree";
import {
  type EntryInput,
  type Level,
  severityOf,
  WaybillError,
  type Writer,
  type WriterStatus,
} from "@waybill/protocols";
import { EntryQueue } from "./entry-queue.ts";
import { flushFailed, syncFailed } from "./flush-errors.ts";
import type { Flushable, FlushSchedule } from "./flush-schedule.ts";
import { type Gap, type GapReason, mergeGaps, shiftGap } from "./gap-entry.ts";
import type { SegmentStream } from "./segment-stream.ts";
import { StreamHealth, type StreamHealthPorts } from "./stream-health.ts";
import type { ResolvedStreamOptions } from "./writer-options.ts";

/** Bytes that trigger a write: beyond 64 KiB nothing more is gained. */
const batchBytes = 65_536;
/** How much of a full queue stays after dropping; the rest is room until the next time. */
const keptShareOfQueue = 0.75;

/** What a stream writer works with. */
export interface StreamWriterPorts extends StreamHealthPorts {
  readonly encoder: EntryEncoder;
  readonly schedule: FlushSchedule;
  /** Told once when the files of the stream have been opened for the first time. */
  readonly onOpened: () => void;
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
export class StreamWriter implements Writer, Flushable {
  readonly #stream: SegmentStream;
  readonly #options: ResolvedStreamOptions;
  readonly #ports: StreamWriterPorts;
  readonly #queue: EntryQueue;
  readonly #health: StreamHealth;
  /** Entries lost that have no place in the queue. */
  #untold: Gap | undefined;
  #isScheduled = false;
  #isOpened = false;
  #lastSeq = 0;
  #accepted = 0;
  #written = 0;
  #dropped = 0;
  #bytesWritten = 0;
  #closing: Promise<void> | undefined;

  constructor(stream: SegmentStream, options: ResolvedStreamOptions, ports: StreamWriterPorts) {
    this.#stream = stream;
    this.#options = options;
    this.#ports = ports;
    this.#health = new StreamHealth(stream.path.active, ports, () => this.#drain());
    this.#queue = new EntryQueue(ports.encoder, ports.clock, options.mode === "durable");
  }

  write(entry: EntryInput): boolean {
    if (this.#health.state === "closed") return false;
    this.#queue.source ??= entry.source;
    if (!this.#isOpened && this.#health.failures === 0) this.#tryOpen();
    this.#accepted++;
    if (this.#queue.encoding > 0) return this.#writeNested(entry);
    if (this.#untold !== undefined) this.#tellGap();
    const seq = ++this.#lastSeq;
    if (!this.#encode(entry, seq)) return false;
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

  /** Appends one line. The encoder throws only for a caller at the end of the stack or of memory. */
  #encode(entry: EntryInput, seq: number): boolean {
    try {
      this.#queue.encode(entry, seq);
      return true;
    } catch (error) {
      this.#health.note(error);
      this.#noteLost(entry.level, "unencodable", seq);
      return false;
    }
  }

  /** A getter or `toJSON` of the entry that is being encoded has logged to this stream: its entries follow that one. */
  #writeNested(entry: EntryInput): boolean {
    if (this.#queue.encodeAside(entry, this.#lastSeq + 1)) {
      this.#lastSeq++;
      return true;
    }
    this.#noteLost(entry.level, "reentrant", 0);
    return false;
  }

  #noteLost(level: Level | undefined, reason: GapReason, seq: number): void {
    this.#dropped++;
    const byLevel = level === undefined ? {} : { [level]: 1 };
    const gap: Gap = { dropped: 1, byLevel, fromSeq: seq, toSeq: seq, reason };
    this.#untold = this.#untold === undefined ? gap : mergeGaps(this.#untold, gap);
  }

  /** Puts the losses that have no place in the queue behind it, under a number of their own. */
  #tellGap(): void {
    if (this.#untold === undefined || this.#queue.encoding > 0) return;
    try {
      this.#queue.appendGap(this.#untold, this.#lastSeq + 1);
      this.#lastSeq++;
      this.#untold = undefined;
    } catch {
      // Still at the end of the stack: the next entry tells.
    }
  }

  flushPending(): void {
    this.#isScheduled = false;
    if (this.#health.state === "open") this.#drain();
  }

  flushSync(): boolean {
    return this.#health.state === "closed" || this.#flushNow() === undefined;
  }

  async flush(): Promise<void> {
    const { active } = this.#stream.path;
    if (this.#health.state === "closed")
      throw new WaybillError("WAYBILL_WRITER_CLOSED", `${active} is closed`);
    const failure = this.#flushNow();
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
      accepted: this.#accepted,
      written: this.#written,
      queued: this.#queue.entries + this.#queue.encoding,
      dropped: this.#dropped,
      bytesWritten: this.#bytesWritten,
      lastFailure: lastFailure && {
        code: lastFailure.code,
        message: lastFailure.message,
        atMs: lastFailure.atMs,
      },
    };
  }

  /** Drains, and in `durable` mode syncs. @returns what kept it from that. */
  #flushNow(): WaybillError | undefined {
    this.#tellGap();
    this.#drain();
    if (this.#queue.length > 0 || this.#stream.isSuspect) {
      return flushFailed(this.#stream.path.active, this.#queue.entries, this.#health.lastFailure);
    }
    if (this.#options.mode !== "durable" || !this.#isOpened) return undefined;
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
    let failure = this.#flushNow();
    // Nobody will flush again, so what a failed fsync has put back into the queue gets its second copy now.
    if (failure?.code === "WAYBILL_SYNC_FAILED") failure = this.#flushNow();
    if (failure?.code === "WAYBILL_SYNC_FAILED") this.#leaveOneCopy();
    this.#dropped += this.#queue.clear();
    this.#health.end();
    this.#stream.releaseDescriptor();
    if (failure !== undefined) throw failure;
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
      const added = lastSeq + (damage === undefined ? 0 : 1);
      if (added > 0 && this.#lastSeq > 0) {
        this.#queue.renumber(added);
        this.#untold &&= shiftGap(this.#untold, added);
      }
      this.#lastSeq += added;
      if (damage !== undefined) {
        const { reason, bytes } = damage;
        const gap: Gap = { dropped: 0, byLevel: {}, fromSeq: 0, toSeq: 0, reason, tornBytes: bytes };
        this.#queue.prependGap(gap, lastSeq + 1);
      }
    } catch (error) {
      this.#health.fail(error);
      return;
    }
    this.#ports.onOpened();
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
    this.#written += queue.consume(writtenBytes);
    this.#bytesWritten += writtenBytes;
    queue.keepUnsynced(this.#stream.unsyncedBytes);
    if (error !== undefined) this.#health.fail(error);
    else this.#health.recover();
    if (queue.unsyncedBytes > this.#options.queueBytesMax && queue.length === 0) this.#sync();
    this.#tellSealed();
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
    if (this.#queue.dropCut() > 0) this.#noteLost(undefined, "replaced", 0);
    this.#tellGap();
  }

  #tellSealed(): void {
    for (const sealedPath of this.#stream.takeSealed()) this.#ports.onSealed(sealedPath);
  }

  /** @returns whether the entry of this number is still in the queue. */
  #keepWithinQueue(seq: number): boolean {
    // Closed from inside the entry itself.
    if (this.#health.state === "closed") {
      this.#dropped += this.#queue.clear();
      return false;
    }
    const { queueBytesMax } = this.#options;
    if (this.#queue.length <= queueBytesMax) return true;
    const reason = this.#health.lastFailure?.code ?? "queue";
    const plan = this.#queue.dropDownTo(Math.floor(queueBytesMax * keptShareOfQueue), reason);
    this.#dropped += plan.dropped.length;
    return plan.kept.some((line) => line.seq === seq);
  }
}
