import type { Gap, WaybillError } from "@waybill/protocols";
import type { EntryIntake } from "./entry-intake.ts";
import type { EntryQueue } from "./entry-queue.ts";
import { flushFailed, sealFailed, syncFailed } from "./flush-errors.ts";
import { damageGap } from "./gaps.ts";
import type { SegmentStream } from "./segment-stream.ts";
import { hasStackRoom } from "./stack-room.ts";
import type { StreamHealth } from "./stream-health.ts";
import { type LostEntries, StreamOpening } from "./stream-opening.ts";
import type { StreamWriterPorts } from "./stream-writer-ports.ts";
import type { ResolvedStreamOptions } from "./writer-options.ts";

/** What a drain works with. */
export interface QueueDrainPorts
  extends Pick<StreamWriterPorts, "clock" | "onOpened" | "onGap" | "onSealed" | "onWritten" | "before"> {
  /** Nothing waits any more. */
  readonly onEmpty: () => void;
}

/** Hands the queue of a stream to its files, and what an fsync has failed to save once more; counts what is written. */
export class QueueDrain {
  readonly #stream: SegmentStream;
  readonly #intake: EntryIntake;
  readonly #queue: EntryQueue;
  readonly #health: StreamHealth;
  readonly #options: ResolvedStreamOptions;
  readonly #ports: QueueDrainPorts;
  readonly #isDurable: boolean;
  readonly #opening: StreamOpening;
  /** Why the files could not be synced as they were found, until a flush has told. */
  #unsynced: string | undefined;
  #written = 0;
  #bytesWritten = 0;
  /** When the last write was completed, milliseconds since the epoch; 0 when none was. */
  lastWriteMs = 0;

  constructor(
    stream: SegmentStream,
    intake: EntryIntake,
    health: StreamHealth,
    options: ResolvedStreamOptions,
    ports: QueueDrainPorts,
  ) {
    this.#stream = stream;
    this.#intake = intake;
    this.#queue = intake.queue;
    this.#health = health;
    this.#options = options;
    this.#ports = ports;
    this.#isDurable = options.mode === "durable";
    this.#opening = new StreamOpening(stream, intake, this.#isDurable, {
      onOpened: ports.onOpened,
      onFound: (entries) => {
        this.#written += entries;
      },
      onGap: (gap) => this.#noteGap(gap),
      onUnsynced: (error) => {
        this.#unsynced = health.note(error).message;
      },
    });
  }

  /** Entries that the operating system has. */
  get written(): number {
    return this.#written;
  }

  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  get isOpened(): boolean {
    return this.#opening.isOpened;
  }

  /** See {@link StreamOpening.noteUnsynced}. */
  noteUnsynced(): void {
    this.#opening.noteUnsynced();
  }

  /** See {@link StreamOpening.beginAbove}. */
  beginAbove(lastSeq: number): void {
    this.#opening.beginAbove(lastSeq);
  }

  /** See {@link StreamOpening.continueNumbers}. */
  continueNumbers(lost: LostEntries | undefined): void {
    this.#opening.continueNumbers(lost);
  }

  /**
   * The usual case of lines encoded elsewhere: from where they lie into the file, without a copy.
   *
   * @param entries - of the lines that are no gap records.
   * @returns false when they must wait, in the queue.
   */
  appendPast(lines: Uint8Array, entries: number): boolean {
    if (!this.isOpened || this.#queue.length > 0 || this.#isDurable) return false;
    const { writtenBytes, error } = this.#stream.append(lines, 0, lines.length);
    if (error === undefined) {
      this.#written += entries;
      this.#bytesWritten += writtenBytes;
      this.lastWriteMs = this.#ports.clock.now();
      this.#tellFound();
    } else {
      this.#queue.appendLines(lines, entries);
      this.#noteAppended(writtenBytes, error);
    }
    return true;
  }

  /** Opens the files; what keeps it from that is noted. */
  tryOpen(): void {
    if (!hasStackRoom()) return;
    try {
      if (this.#ports.before?.isReleased === false) throw stillBusy(this.#stream.path.active);
      this.#opening.open();
    } catch (error) {
      this.#health.fail(error);
    }
  }

  /** Hands the queue to the file system as far as that goes. */
  drain(): void {
    const queue = this.#queue;
    if (queue.length === 0 && this.#health.state === "open") return;
    if (!hasStackRoom()) return;
    queue.detachEncoding();
    if (!this.isOpened) this.tryOpen();
    if (!this.isOpened || !this.#rewriteSuspect()) return;
    if (queue.isCut && !this.#stream.isMidLine && !this.#isRestDropped()) return;
    const { writtenBytes, error } = this.#stream.append(queue.bytes, 0, queue.length);
    this.#noteAppended(writtenBytes, error);
    if (queue.unsyncedBytes > this.#options.queueBytesMax && queue.length === 0) this.#sync();
    this.#tellFound();
  }

  #noteAppended(writtenBytes: number, error: unknown): void {
    if (writtenBytes > 0) {
      const { oldestMs } = this.#queue;
      const entries = this.#queue.consume(writtenBytes);
      this.#written += entries;
      this.#bytesWritten += writtenBytes;
      this.lastWriteMs = this.#ports.clock.now();
      if (entries > 0 && oldestMs > 0) this.#ports.onWritten?.(oldestMs, this.lastWriteMs);
    }
    this.#queue.keepUnsynced(this.#stream.unsyncedBytes);
    if (this.#queue.length === 0) this.#ports.onEmpty();
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
  #isRestDropped(): boolean {
    try {
      this.#intake.dropped += this.#queue.replaceCut("replaced");
      return true;
    } catch {
      // The stack is at its end: the next time.
      return false;
    }
  }

  #tellSealed(): void {
    for (const sealedPath of this.#stream.takeSealed()) this.#ports.onSealed(sealedPath);
  }

  /** Drains, and in `durable` mode syncs. @returns what kept it from that. */
  flushNow(): WaybillError | undefined {
    this.#intake.tellGap();
    this.drain();
    if (this.#queue.length > 0 || this.#stream.isSuspect) {
      return flushFailed(this.#stream.path.active, this.#queue.entries, this.#health.lastFailure);
    }
    if (!this.#isDurable) return undefined;
    if (!this.isOpened) return this.#opening.mayBeUnsynced ? this.#syncFailed() : undefined;
    const failure = this.#sync() ?? (this.#unsynced === undefined ? undefined : this.#syncFailed());
    this.#unsynced = undefined;
    return failure;
  }

  /** Flushes. @returns whether nothing is left in memory. */
  isSaved(): boolean {
    // The second one if the first has told once what is so since the files were found, or a listener has logged.
    const isFlushed =
      this.flushNow() === undefined || (this.#health.state === "open" && this.flushNow() === undefined);
    return isFlushed && this.#queue.length === 0 && this.#queue.entries + this.#queue.encoding === 0;
  }

  /** Flushes, and seals the active segment unless it is empty. @returns what kept it from that. */
  sealNow(): WaybillError | undefined {
    try {
      if (!this.isOpened && this.#queue.length === 0) {
        if (!this.#stream.hasLeft()) return undefined;
        this.tryOpen();
        if (!this.isOpened) return sealFailed(this.#stream.path.active, this.#health.lastFailure);
      }
      const failure = this.flushNow();
      if (failure === undefined) this.#stream.seal();
      return failure;
    } catch (error) {
      const noted = this.#health.note(error);
      // As after any failed fsync, what may be lost is written again.
      if (this.#stream.isSuspect) this.#health.fail(error);
      return sealFailed(this.#stream.path.active, noted);
    } finally {
      this.#queue.keepUnsynced(this.#stream.unsyncedBytes);
      this.#tellFound();
    }
  }

  #sync(): WaybillError | undefined {
    try {
      this.#stream.sync();
      return undefined;
    } catch (error) {
      this.#health.fail(error);
      return this.#syncFailed(error);
    } finally {
      this.#queue.keepUnsynced(this.#stream.unsyncedBytes);
      this.#tellSealed();
    }
  }

  #syncFailed(error: unknown = this.#unsynced ?? this.#health.lastFailure?.message): WaybillError {
    return syncFailed(this.#stream.path.active, error);
  }

  /** The same for the last time: nobody will flush again. */
  flushLast(): WaybillError | undefined {
    let failure = this.flushNow();
    // What a failed fsync has put back into the queue gets its second copy now.
    if (failure?.code === "WAYBILL_SYNC_FAILED") failure = this.flushNow();
    if (failure?.code === "WAYBILL_SYNC_FAILED") this.#leaveOneCopy();
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
}

/** Another stream of this pool, which is being closed, is still at the file. */
function stillBusy(path: string): Error {
  return Object.assign(new Error(`EBUSY: ${path} is still being closed`), { code: "EBUSY" });
}
