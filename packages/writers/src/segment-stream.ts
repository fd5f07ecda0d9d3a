import { cutSealed } from "./active-file.ts";
import { ActiveSegment } from "./active-segment.ts";
import { hasLeftSegment } from "./left-segment.ts";
import { bytesThatFit, wholeLinesWithin } from "./rotation.ts";
import type { RotationInterval } from "./rotation-period.ts";
import { SegmentPeriod } from "./segment-period.ts";
import type { Damage, OpenedStream, SegmentPorts } from "./segment-ports.ts";
import { spaceLeft } from "./space/space-exhausted.ts";
import type { StreamPath } from "./stream-path.ts";

const newline = 0x0a;

/** How a stream keeps its segments. */
export interface SegmentStreamOptions {
  readonly segmentBytesMax: number;
  /** Whether a segment is synced before it is sealed, and new directories when they are made. */
  readonly isDurable: boolean;
  /** Default `never`. */
  readonly rotate?: RotationInterval;
  /** Default `UTC`. */
  readonly timeZone?: string;
  /** The lock of the directory; undefined = this process is known to be the only one. */
  readonly lockFile?: string | undefined;
}

/** How far an append came. */
export interface Appended {
  /** Bytes that the operating system took. */
  readonly writtenBytes: number;
  /** What stopped it before the end; undefined when all was written. */
  readonly error: unknown;
}

/**
 * The files of one stream: appends whole lines to the active segment, seals it before it would grow over its limit,
 * and opens the next; in a durable one also tells which bytes an fsync has covered.
 *
 * Knows nothing of entries, queues or time-outs. Not safe for two processes on one path.
 */
export class SegmentStream {
  readonly #options: SegmentStreamOptions;
  readonly #ports: SegmentPorts;
  readonly #active: ActiveSegment;
  readonly #period: SegmentPeriod;
  #segmentBytesMax: number;
  /** Whether the last byte written was no `\n`: the rest of that line must come before anything else. */
  #isMidLine = false;
  #isSuspect = false;
  /** Unsynced bytes of a file that was removed or replaced from outside. */
  #goneBytes = 0;
  /** Segments whose unsynced end is to be cut, once it is safe in another. */
  readonly #suspects: { readonly path: string; readonly soundBytes: number }[] = [];

  constructor(path: StreamPath, options: SegmentStreamOptions, ports: SegmentPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#active = new ActiveSegment(
      path,
      { isDurable: options.isDurable, lockFile: options.lockFile },
      ports,
    );
    this.#period = new SegmentPeriod(options.rotate, options.timeZone);
    this.#segmentBytesMax = options.segmentBytesMax;
  }

  /** From now on keeps its segments otherwise. */
  configure(options: Pick<Required<SegmentStreamOptions>, "segmentBytesMax" | "rotate" | "timeZone">): void {
    this.#segmentBytesMax = options.segmentBytesMax;
    this.#period.change(options.rotate, options.timeZone, this.#ports.clock.now());
  }

  /** Where the stream lies; a part file from `open` on when another process writes under its own name. */
  get path(): StreamPath {
    return this.#active.path;
  }

  /** Bytes in the active segment, as far as it was opened. */
  get activeBytes(): number {
    return this.#active.size;
  }

  /** Whether the active segment ends in the middle of a line, which the next append has to finish. */
  get isMidLine(): boolean {
    return this.#isMidLine;
  }

  /** Bytes written last that no fsync has covered. */
  get unsyncedBytes(): number {
    return this.#active.unsyncedBytes + this.#goneBytes;
  }

  /** Whether bytes written since the last sync may be lost: {@link leaveSuspect}, then append them again. */
  get isSuspect(): boolean {
    return this.#isSuspect;
  }

  /** The segments sealed since the last call. */
  takeSealed(): readonly string[] {
    return this.#active.sealer.take();
  }

  /**
   * Opens the active segment, creating it and its directories, and repairs its tail: bytes after the last whole entry
   * are moved into `<component>.<stamp>.torn` beside it; a file that is not ours is renamed to `….quarantine`.
   *
   * @throws what the file system throws; nothing is left open then.
   */
  open(): OpenedStream {
    const opened = this.#active.open();
    this.#period.begin(this.#active.modifiedMs);
    return opened;
  }

  /** What was found missing since the last call, other than at `open`. */
  takeDamage(): Damage | undefined {
    return this.#active.takeDamage();
  }

  /** Has the next append look whether the path still means the same file. */
  reopen(): void {
    this.#active.reopen();
  }

  /**
   * Appends encoded lines `bytes[from … to)`. A short write or an error may stop it in the middle of a line; the next
   * call must go on exactly there, unless the stream is not {@link isMidLine} any more: then that line is lost.
   */
  append(bytes: Uint8Array, from: number, to: number): Appended {
    let at = from;
    try {
      while (at < to) {
        this.#ensureOpen();
        if (this.#isPeriodOver()) {
          this.#seal();
          continue;
        }
        const wanted = this.#isMidLine
          ? lineRest(bytes, at, to)
          : bytesThatFit(bytes, at, to, this.#active.size, this.#segmentBytesMax);
        if (wanted === 0) {
          this.#seal();
          continue;
        }
        at += this.#write(bytes, at, wanted);
        this.#isMidLine = bytes[at - 1] !== newline;
      }
      return { writtenBytes: at - from, error: undefined };
    } catch (error) {
      return { writtenBytes: at - from, error };
    }
  }

  /** Where the space that all streams share ends, writes the whole lines that still fit. @returns bytes written. */
  #write(bytes: Uint8Array, at: number, count: number): number {
    try {
      return this.#active.write(bytes, at, count);
    } catch (error) {
      const fitting = wholeLinesWithin(bytes, at, Math.min(count, spaceLeft(error)));
      if (fitting === 0) throw error;
      return this.#active.write(bytes, at, fitting);
    }
  }

  /**
   * fsync of the active segment, and of the directory when names in it are new. What an earlier failure made suspect
   * is cut off afterwards.
   *
   * @throws as the file system. When it was the fsync of the file, the stream is suspect.
   */
  sync(): void {
    if (!this.#active.isBegun) return;
    this.#ensureNamed();
    this.#syncFile();
    this.#active.syncNames();
    this.cutSuspects();
  }

  /**
   * Takes out of suspect segments what stands in a later one too.
   *
   * @throws as the file system; what could not be cut is cut next time.
   */
  cutSuspects(): void {
    for (let suspect = this.#suspects[0]; suspect !== undefined; suspect = this.#suspects[0]) {
      cutSealed(this.#ports.fileSystem, suspect.path, suspect.soundBytes);
      this.#suspects.shift();
      if (suspect.soundBytes > 0) this.#active.sealer.note(suspect.path);
    }
  }

  /**
   * Seals the segment whose fsync failed; it is never written again. Linux may have dropped its dirty pages and would
   * call the next fsync a success, so its unsynced end counts as lost. It is left in place until the next sync has
   * covered the second copy: an end of the process in between shows entries twice, but loses none.
   *
   * @throws as the file system; the stream stays suspect.
   */
  leaveSuspect(): void {
    // A device that fails every fsync must not be filled with copies: one besides the present one is enough.
    this.cutSuspects();
    const soundBytes = this.#active.syncedSize;
    if (this.#active.size > soundBytes) {
      const path = this.#active.seal();
      if (path === undefined) this.#active.leave();
      else this.#suspects.push({ path, soundBytes });
    }
    this.#goneBytes = 0;
    this.#isMidLine = false;
    this.#isSuspect = false;
  }

  /** See {@link hasLeftSegment}; before it is opened. */
  hasLeft(): boolean {
    const { isDurable, lockFile } = this.#options;
    return hasLeftSegment(this.path, lockFile, isDurable, this.#ports);
  }

  /**
   * Seals the active segment now, unless it is empty; the next append begins a new one. Between lines only.
   *
   * @throws as the file system; the next append sees to what is half done.
   */
  seal(): void {
    if (!this.#active.isBegun || this.#isMidLine) return;
    this.#ensureNamed();
    if (this.#active.size > 0) this.#seal();
  }

  releaseDescriptor(): void {
    this.#active.releaseDescriptor();
  }

  /** Half a line that was in a file that is gone is no start for another, and unsynced bytes went with it. */
  #ensureOpen(): void {
    const unsynced = this.unsyncedBytes;
    if (this.#active.ensureOpen()) return;
    const wasMidLine = this.#isMidLine;
    this.#isMidLine = false;
    this.#isSuspect = this.#options.isDurable && unsynced > 0;
    this.#goneBytes = this.#isSuspect ? unsynced : 0;
    this.#ensureOpen();
    if (!wasMidLine && !this.#isSuspect) return;
    throw Object.assign(new Error(`${this.path.active} was replaced from outside`), { code: "ESTALE" });
  }

  /** An fsync makes nothing safe in a file that others have removed, so the path is looked at before each. */
  #ensureNamed(): void {
    this.#active.reopen();
    this.#ensureOpen();
  }

  /** Whether a new segment is due by the clock. A segment is not sealed empty, nor in the middle of a line. */
  #isPeriodOver(): boolean {
    if (!this.#period.isEnding || this.#isMidLine) return false;
    const nowMs = this.#ports.clock.now();
    if (!this.#period.isOver(nowMs)) return false;
    this.#period.begin(nowMs);
    return this.#active.size > 0;
  }

  /** Called between lines only, when the next one does not fit. */
  #seal(): void {
    if (this.#options.isDurable) {
      this.#ensureNamed();
      // Others have taken the file, and the next has been begun.
      if (this.#active.size === 0) return;
      if (this.#active.unsyncedBytes > 0) this.#syncFile();
    }
    this.#active.sealer.note(this.#active.seal());
  }

  #syncFile(): void {
    try {
      this.#active.sync();
    } catch (error) {
      this.#isSuspect = true;
      throw error;
    }
  }
}

/** Bytes up to the end of the line that has begun. */
function lineRest(bytes: Uint8Array, at: number, to: number): number {
  const end = bytes.indexOf(newline, at) + 1;
  return (end === 0 || end > to ? to : end) - at;
}
