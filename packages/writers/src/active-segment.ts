import * as path from "node:path";
import type { Clock, FileStat, FileSystem } from "@waybill/protocols";
import {
  type FileIdentity,
  halfSealedPath,
  isSameFile,
  linkUnlessTaken,
  makeDirectories,
  openActive,
  quarantine,
  setTornAside,
  unlinkIfThere,
} from "./active-file.ts";
import type { DescriptorOwner, DescriptorPool } from "./descriptor-pool.ts";
import { errnoOf } from "./failure.ts";
import { lastSealedNumber, readLastSealed } from "./last-sealed.ts";
import type { DirectoryLocks } from "./ownership/directory-lock.ts";
import { partPath, type StreamPath, sealedPath } from "./stream-path.ts";
import { inspectTail, readFully } from "./tail.ts";

const newline = 0x0a;
const nothing = Buffer.alloc(0);

/** Opens that fail because of one sealed segment, before it is passed over: about a second of retries. */
const strictOpens = 6;

/** How often an open file is looked at from outside, microseconds of activity. */
const lookIntervalUs = 100_000;

/** What a stream needs from outside. */
export interface SegmentPorts {
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly descriptors: DescriptorPool;
  /** Default: this process is known to be the only one. */
  readonly locks?: DirectoryLocks;
}

/** Bytes that are not where they were, or never were whole. */
export interface Damage {
  /** `torn` and `foreign` bytes were set aside, `truncated` ones were taken by somebody else. */
  readonly reason: "torn" | "foreign" | "truncated";
  readonly bytes: number;
}

/** How the file is kept. */
export interface ActiveSegmentOptions {
  /** Whether names are made durable before others depend on them. */
  readonly isDurable: boolean;
  /** The lock of the directory. */
  readonly lockFile: string | undefined;
}

/** What was found when a stream was opened for the first time in this process. */
export interface OpenedStream {
  /** `seq` of the last entry in the stream; 0 for a new stream. */
  readonly lastSeq: number;
  /** What was set aside; undefined in the normal case. */
  readonly damage: Damage | undefined;
}

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
  /** When the path was last looked at, and {@link #lineStart} then: what came later can be rescued. */
  #lookedUs = Number.NEGATIVE_INFINITY;
  #lookedAt = 0;
  /** Bytes of a file that is gone, to be written before anything else. */
  #rescued: Buffer = nothing;
  /** Identity of the file, to see that the path still means what was written before. */
  #identity: FileIdentity | undefined;
  /** Number of the newest sealed segment; unknown until the first seal, since it costs reading the directory. */
  #lastNumber: number | undefined;
  /** Whether the active name, or one sealed since, may not survive power loss. */
  #isNewName = true;
  #sealed: string[] = [];
  /** Kept until an open succeeds and can tell it. */
  #damage: OpenedStream["damage"];
  #failedOpens = 0;

  constructor(path: StreamPath, options: ActiveSegmentOptions, ports: SegmentPorts) {
    this.#path = path;
    this.#isDurable = options.isDurable;
    this.#lockFile = options.lockFile;
    this.#ports = ports;
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
      this.#claim();
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
    this.#writeRescued();
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
    try {
      this.#repair(stats);
      return false;
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
    if (!this.#isDurable) this.#rescued = this.#readBack(fd, isGone ? this.#lookedAt : this.#lineStart);
    this.releaseDescriptor();
    this.#identity = undefined;
    this.#size = 0;
    this.#lineStart = 0;
    this.#repair(this.#openFile());
    return !this.#isDurable;
  }

  /** Kept until it is written: the file that had it is gone. */
  #writeRescued(): void {
    while (this.#rescued.length > 0) {
      this.#rescued = this.#rescued.subarray(this.write(this.#rescued, 0, this.#rescued.length));
    }
  }

  /** Others have cut the file: what is behind the last whole line is no place to go on. */
  #continueTruncated(named: FileStat): boolean {
    const lost = this.#size - named.size;
    this.#repair(this.#ports.fileSystem.stat(this.#fd as number));
    this.#damage = { reason: "truncated", bytes: lost };
    return false;
  }

  #noteLook(nowUs: number): void {
    this.#lookedUs = nowUs;
    this.#lookedAt = this.#lineStart;
  }

  #readBack(fd: number, from: number): Buffer {
    const bytes = Buffer.alloc(Math.max(0, this.#size - from));
    readFully(this.#ports.fileSystem, fd, bytes, from);
    return bytes;
  }

  /** Takes the lock of the directory, or a name of its own in it. */
  #claim(): void {
    const { fileSystem, locks } = this.#ports;
    if (locks === undefined || this.#lockFile === undefined || this.#path.writer !== undefined) return;
    makeDirectories(fileSystem, path.dirname(this.#lockFile), this.#isDurable);
    if (!locks.acquire(this.#lockFile)) this.#path = partPath(this.#path, locks.partName);
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
   * link + unlink instead of rename: a rename would silently replace a file of that name. After an end in between both
   * names show one inode, which the next open resolves.
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
    const half = named.links > 1 ? halfSealedPath(fileSystem, this.path, named) : undefined;
    const sealed = half ?? this.#linkSealed();
    this.#removeActiveName();
    this.#identity = undefined;
    this.#size = 0;
    return sealed;
  }

  /** Has a sealed segment told by {@link takeSealed}. */
  noteSealed(sealed: string | undefined): void {
    if (sealed !== undefined) this.#sealed.push(sealed);
  }

  /** The segments sealed since the last call. */
  takeSealed(): readonly string[] {
    const sealed = this.#sealed;
    if (sealed.length > 0) this.#sealed = [];
    return sealed;
  }

  releaseDescriptor(): void {
    if (this.#fd === undefined) return;
    const fd = this.#fd;
    this.#fd = undefined;
    this.#ports.descriptors.forget(this);
    this.#closeQuietly(fd);
  }

  #closeQuietly(fd: number): void {
    try {
      this.#ports.fileSystem.close(fd);
    } catch {
      // The descriptor is gone in either case (Linux closes it even when close reports EIO), and every byte in it was
      // acknowledged by write before.
    }
  }

  #openFile(): FileStat {
    const { descriptors } = this.#ports;
    for (;;) {
      const fd = descriptors.openWith(() => this.#openOwnFile());
      let stats: FileStat | undefined;
      try {
        stats = this.#usable(fd);
      } finally {
        if (stats === undefined) this.#closeQuietly(fd);
      }
      if (stats === undefined) continue;
      this.#fd = fd;
      descriptors.touch(this);
      this.#isNewName ||= stats.size === 0;
      this.#identity = { inode: stats.inode, device: stats.device };
      this.#size = stats.size;
      this.#lineStart = stats.size;
      this.#modifiedMs = stats.modifiedMs;
      this.#noteLook(this.#ports.clock.monotonicUs());
      return stats;
    }
  }

  #openOwnFile(): number {
    const { fileSystem, clock } = this.#ports;
    try {
      return openActive(fileSystem, this.path, this.#isDurable);
    } catch (error) {
      if (errnoOf(error) !== "ELOOP") throw error;
      // A symbolic link bears the name: it leads to somebody else's file.
      quarantine(fileSystem, this.path, clock);
      return openActive(fileSystem, this.path, this.#isDurable);
    }
  }

  /** What was opened; undefined when it had to be taken out of the way and the path must be opened once more. */
  #usable(fd: number): FileStat | undefined {
    const { fileSystem, clock } = this.#ports;
    const stats = fileSystem.stat(fd);
    if (stats.kind !== "file") {
      quarantine(fileSystem, this.path, clock);
      return undefined;
    }
    const sealed = stats.links > 1 ? halfSealedPath(fileSystem, this.path, stats) : undefined;
    if (sealed === undefined) return stats;
    this.#removeActiveName();
    this.#sealed.push(sealed);
    return undefined;
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
      this.noteSealed(this.seal());
      this.#openFile();
    } else if (stats.size > tail.soundBytes) {
      setTornAside(fileSystem, this.path, clock, { fd, from: tail.soundBytes, size: stats.size });
      this.#damage = { reason: "torn", bytes: stats.size - tail.soundBytes };
      this.#size = tail.soundBytes;
      this.#lineStart = tail.soundBytes;
    }
    return { lastSeq: tail.lastSeq };
  }

  /** Leaves a sealed segment its sealed name alone: once that is durable, or power loss might find neither. */
  #removeActiveName(): void {
    const { fileSystem } = this.#ports;
    if (this.#isDurable) fileSystem.syncDirectory(this.path.directory);
    unlinkIfThere(fileSystem, this.path.active);
    this.#isNewName = true;
  }

  #linkSealed(): string {
    const { fileSystem, clock } = this.#ports;
    let number = (this.#lastNumber ?? lastSealedNumber(fileSystem, this.path)) + 1;
    let sealed = sealedPath(this.path, clock.now(), number);
    while (!linkUnlessTaken(fileSystem, this.path.active, sealed)) {
      sealed = sealedPath(this.path, clock.now(), ++number);
    }
    this.#lastNumber = number;
    return sealed;
  }

  #lastSeqOfSealed(): number {
    const isStrict = this.#failedOpens < strictOpens;
    const last = readLastSealed(this.#ports.fileSystem, this.path, isStrict);
    this.#lastNumber = last.number;
    return last.lastSeq;
  }
}
