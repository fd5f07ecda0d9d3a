import type { FileStat } from "@waybill/protocols";
import { closeQuietly, type FileIdentity, isSameFile, quarantine, setTornAside } from "./active-file.ts";
import type { DescriptorOwner } from "./descriptor-pool.ts";
import { readLastSealed } from "./last-sealed.ts";
import { claimPath } from "./ownership/claimed-path.ts";
import { RescuedBytes } from "./rescued-bytes.ts";
import type { ActiveSegmentOptions, Damage, OpenedStream, SegmentPorts } from "./segment-ports.ts";
import { SegmentSealer } from "./segment-sealer.ts";
import type { StreamPath } from "./stream-path.ts";
import { inspectTail } from "./tail.ts";
import { openUnlessForeign, statUnlessForeign } from "./usable-file.ts";

const newline = 0x0a;

/** Opens that fail because of one sealed segment, before it is passed over: about a second of retries. */
const strictOpens = 6;

/**
 * How often an open file is looked at from outside, microseconds of activity. Less than a flush interval of 50 ms, so
 * that every batch looks: at 100 ms the batch that comes just too early left a change unnoticed for up to 150 ms.
 */
const lookIntervalUs = 40_000;
/** What was written so many microseconds before a removed file was last seen is rescued at least. */
const rescuedUs = 100_000;

/**
 * The file that bears the active name: opens it, makes it fit to be appended to, and gives it its sealed name.
 *
 * Whatever else bears the name is put out of the way and kept. Holds a descriptor only while it is used often enough.
 */
export class ActiveSegment implements DescriptorOwner {
  readonly #isDurable: boolean;
  readonly #lockFile: string | undefined;
  readonly #ports: SegmentPorts;
  #path: StreamPath;
  #fd: number | undefined;
  /** Bytes. */
  #size = 0;
  #modifiedMs = 0;
  /** Offset behind the last `\n` written: where a line that is half written begins. */
  #lineStart = 0;
  #lookedUs = Number.NEGATIVE_INFINITY;
  /** Line starts as they were at two earlier looks: what came after the older one is rescued from a removed file. */
  #rescuableFrom = 0;
  #rescuableNext = 0;
  #rescuableNextUs = 0;
  /** Bytes of a file that is gone, to be written before anything else. */
  readonly #rescued = new RescuedBytes();
  /** Identity of the file, to see that the path still means what was written before. */
  #identity: FileIdentity | undefined;
  /** Gives the file its sealed name, and tells what was sealed. */
  readonly sealer: SegmentSealer;
  /** Whether the active name, or one sealed since, may not survive power loss. */
  #isNewName = true;
  /** Kept until an open succeeds and can tell it. */
  #damage: OpenedStream["damage"];
  #failedOpens = 0;

  constructor(path: StreamPath, options: ActiveSegmentOptions, ports: SegmentPorts) {
    this.#path = path;
    this.#isDurable = options.isDurable;
    this.#lockFile = options.lockFile;
    this.#ports = ports;
    this.sealer = new SegmentSealer(ports.fileSystem, ports.clock, options.isDurable);
  }

  /** Where the stream lies; its part file once {@link open} has found that another process owns the directory. */
  get path(): StreamPath {
    return this.#path;
  }

  /** When the file was last written before this process, or begun, milliseconds since the epoch. */
  get modifiedMs(): number {
    return this.#modifiedMs;
  }

  /** What was found missing since the last call, other than at {@link open}. */
  takeDamage(): Damage | undefined {
    const damage = this.#damage;
    this.#damage = undefined;
    return damage;
  }

  /** Has the next {@link ensureOpen} look at the path. */
  reopen(): void {
    this.#lookedUs = Number.NEGATIVE_INFINITY;
  }

  /** Bytes in the file. */
  get size(): number {
    return this.#size;
  }

  /** Opens the file for the first time. @throws what the file system throws; nothing is left open then. */
  open(): OpenedStream {
    try {
      this.#path = claimPath(this.#path, this.#lockFile, this.#isDurable, this.#ports);
      const found = this.#repair(this.#openFile());
      const lastSeq = found.lastSeq || this.#lastSeqOfSealed();
      const damage = this.#damage;
      this.#damage = undefined;
      return { lastSeq, damage };
    } catch (error) {
      this.#failedOpens++;
      this.releaseDescriptor();
      throw error;
    }
  }

  /**
   * Has the file open, after the descriptor was given away or a seal took the one before.
   *
   * @returns false when somebody removed, replaced or cut the file that was written before.
   */
  ensureOpen(): boolean {
    const isWhole = this.#ensureOpen();
    this.#rescued.writeBy((bytes) => this.write(bytes, 0, bytes.length));
    return isWhole;
  }

  #ensureOpen(): boolean {
    if (this.#fd !== undefined) {
      this.#ports.descriptors.touch(this);
      const nowUs = this.#ports.clock.monotonicUs();
      return nowUs - this.#lookedUs < lookIntervalUs || this.#look(nowUs);
    }
    const before = this.#identity;
    const size = this.#size;
    const stats = this.#openFile();
    if (before === undefined || (isSameFile(before, stats) && stats.size === size)) return true;
    this.#asBeforeUnless(before, size, () => this.#repair(stats));
    // With what was rescued before the last try, nothing is missing.
    return !this.#rescued.isEmpty;
  }

  /** Another file has the name. While it cannot be opened, this remembers the one before, to see the change again. */
  #asBeforeUnless(before: FileIdentity | undefined, size: number, open: () => void): void {
    try {
      open();
    } catch (error) {
      this.releaseDescriptor();
      this.#identity = before;
      this.#size = size;
      throw error;
    }
  }

  /** Appends to the open file. @returns bytes that the system took. */
  write(bytes: Uint8Array, at: number, count: number): number {
    const written = this.#ports.fileSystem.write(this.#fd as number, bytes, at, count);
    if (written === 0) throw new Error(`the system took none of ${count} bytes for ${this.path.active}`);
    const lineEnd = bytes.lastIndexOf(newline, at + written - 1);
    if (lineEnd >= at) this.#lineStart = this.#size + lineEnd + 1 - at;
    this.#size += written;
    return written;
  }

  /**
   * Looks whether the path still means the open file, and the file is as long as it was left.
   *
   * Of a removed file, what was written since the last look is read back through the open descriptor and begins the new
   * one; of a moved file, the line that was half written. In a durable stream the queue has all unsynced bytes instead.
   *
   * @returns false when lines may be missing: see {@link takeDamage}.
   */
  #look(nowUs: number): boolean {
    const { fileSystem } = this.#ports;
    const named = fileSystem.lstat(this.path.active);
    const isSame = named !== undefined && this.#identity !== undefined && isSameFile(named, this.#identity);
    if (isSame && named.size >= this.#size) {
      this.#noteLook(nowUs);
      return true;
    }
    if (isSame) return this.#continueTruncated(named);
    const fd = this.#fd as number;
    const isGone = fileSystem.stat(fd).links === 0;
    if (!this.#isDurable)
      this.#rescued.readBack(fileSystem, fd, isGone ? this.#rescuableFrom : this.#lineStart, this.#size);
    this.releaseDescriptor();
    this.#asBeforeUnless(this.#identity, this.#size, () => this.#repair(this.#openFile()));
    return !this.#isDurable;
  }

  /** Others have cut the file: what is behind the last whole line is no place to go on. */
  #continueTruncated(named: FileStat): boolean {
    const lost = this.#size - named.size;
    const fd = this.#fd as number;
    this.#noteOpened(fd, this.#ports.fileSystem.stat(fd));
    this.#repair(named);
    this.#damage = { reason: "truncated", bytes: lost };
    return false;
  }

  #noteLook(nowUs: number): void {
    this.#lookedUs = nowUs;
    if (nowUs - this.#rescuableNextUs < rescuedUs) return;
    this.#rescuableFrom = this.#rescuableNext;
    this.#rescuableNext = this.#lineStart;
    this.#rescuableNextUs = nowUs;
  }

  /** fsync of the open file. */
  sync(): void {
    this.#ports.fileSystem.sync(this.#fd as number);
  }

  /** fsync of the directory, if names in it are new. */
  syncNames(): void {
    if (this.#isNewName) this.#ports.fileSystem.syncDirectory(this.path.directory);
    this.#isNewName = false;
  }

  /** Whether there is a file to sync: one that was opened and not sealed since. */
  get isBegun(): boolean {
    return this.#identity !== undefined;
  }

  /**
   * Gives the file its sealed name; the next {@link ensureOpen} begins a new one.
   *
   * @returns undefined when the active name is not that of the file any more; the next open sees to that.
   */
  seal(): string | undefined {
    const { fileSystem } = this.#ports;
    // Windows neither renames nor unlinks an open file.
    this.releaseDescriptor();
    const named = fileSystem.lstat(this.path.active);
    if (named === undefined || this.#identity === undefined || !isSameFile(named, this.#identity))
      return undefined;
    const sealed = this.sealer.seal(this.path, named);
    this.#isNewName = true;
    this.#identity = undefined;
    this.#size = 0;
    return sealed;
  }

  releaseDescriptor(): void {
    if (this.#fd === undefined) return;
    const fd = this.#fd;
    this.#fd = undefined;
    this.#ports.descriptors.forget(this);
    closeQuietly(this.#ports.fileSystem, fd);
  }

  #openFile(): FileStat {
    const { fileSystem, clock, descriptors } = this.#ports;
    for (;;) {
      const fd = descriptors.openWith(() => openUnlessForeign(fileSystem, this.path, clock, this.#isDurable));
      let stats: FileStat | undefined;
      try {
        stats = statUnlessForeign(fileSystem, this.path, clock, fd);
        if (stats !== undefined && this.sealer.finish(this.path, stats)) stats = undefined;
      } finally {
        if (stats === undefined) closeQuietly(this.#ports.fileSystem, fd);
      }
      if (stats === undefined) continue;
      this.#noteOpened(fd, stats);
      return stats;
    }
  }

  #noteOpened(fd: number, stats: FileStat): void {
    this.#fd = fd;
    this.#ports.descriptors.touch(this);
    this.#isNewName ||= stats.size === 0;
    this.#identity = { inode: stats.inode, device: stats.device };
    this.#size = stats.size;
    this.#lineStart = stats.size;
    this.#modifiedMs = stats.modifiedMs;
    this.#lookedUs = this.#ports.clock.monotonicUs();
    this.#rescuableFrom = this.#lineStart;
    this.#rescuableNext = this.#lineStart;
    this.#rescuableNextUs = this.#lookedUs;
  }

  /** Makes the open file one that whole lines can be appended to. */
  #repair(stats: FileStat): { readonly lastSeq: number } {
    const { fileSystem, clock } = this.#ports;
    const fd = this.#fd as number;
    const tail = inspectTail(fileSystem, fd, stats.size);
    // A hard link from elsewhere: nothing may be appended to or cut from what others see too.
    const isShared = stats.links > 1;
    if (tail.isForeign || (isShared && tail.lastSeq === 0)) {
      this.releaseDescriptor();
      quarantine(fileSystem, this.path, clock);
      this.#damage = { reason: "foreign", bytes: stats.size };
      this.#openFile();
    } else if (isShared) {
      this.sealer.note(this.seal());
      this.#openFile();
    } else if (stats.size > tail.soundBytes) {
      setTornAside(fileSystem, this.path, clock, { fd, from: tail.soundBytes, size: stats.size });
      this.#damage = { reason: "torn", bytes: stats.size - tail.soundBytes };
      this.#size = tail.soundBytes;
      this.#lineStart = tail.soundBytes;
    }
    return { lastSeq: tail.lastSeq };
  }

  #lastSeqOfSealed(): number {
    const isStrict = this.#failedOpens < strictOpens;
    const last = readLastSealed(this.#ports.fileSystem, this.path, isStrict);
    this.sealer.noteLastNumber(last.number);
    return last.lastSeq;
  }
}
