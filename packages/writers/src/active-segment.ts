import { closeQuietly, type FileIdentity, isSameFile } from "./active-file.ts";
import type { DescriptorOwner } from "./descriptor-pool.ts";
import { LastEntry } from "./last-entry.ts";
import { LookSchedule } from "./look-schedule.ts";
import { claimPath } from "./ownership/claimed-path.ts";
import { RescuedBytes } from "./rescued-bytes.ts";
import { type OpenFile, SegmentOpener } from "./segment-opener.ts";
import type { ActiveSegmentOptions, Damage, OpenedStream, SegmentPorts } from "./segment-ports.ts";
import { SegmentSealer } from "./segment-sealer.ts";
import type { StreamPath } from "./stream-path.ts";

const newline = 0x0a;

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
  /** Bytes that an fsync has covered, or that stood there when the file was opened. */
  #syncedSize = 0;
  #modifiedMs = 0;
  /** Offset behind the last `\n` written: where a line that is half written begins. */
  #lineStart = 0;
  readonly #looks = new LookSchedule();
  /** Bytes of a file that is gone, to be written before anything else. */
  readonly #rescued = new RescuedBytes();
  /** Identity of the file, to see that the path still means what was written before. */
  #identity: FileIdentity | undefined;
  /** Gives the file its sealed name, and tells what was sealed. */
  readonly sealer: SegmentSealer;
  readonly #opener: SegmentOpener;
  /** Whether the active name, or one sealed since, may not survive power loss. */
  #isNewName = true;
  readonly #lastEntry: LastEntry;

  constructor(path: StreamPath, options: ActiveSegmentOptions, ports: SegmentPorts) {
    this.#path = path;
    this.#isDurable = options.isDurable;
    this.#lockFile = options.lockFile;
    this.#ports = ports;
    this.sealer = new SegmentSealer(ports.fileSystem, ports.clock, options.isDurable);
    this.#opener = new SegmentOpener(options.isDurable, ports, this.sealer);
    this.#lastEntry = new LastEntry(ports.fileSystem, this.sealer, options.isDurable);
  }

  /** Where the stream lies; its part file once it was found that another process owns the directory. */
  get path(): StreamPath {
    return this.#path;
  }

  /** When the file was last written before this process, or begun, milliseconds since the epoch. */
  get modifiedMs(): number {
    return this.#modifiedMs;
  }

  /** What was found missing since the last call, other than at {@link open}. */
  takeDamage(): Damage | undefined {
    return this.#opener.takeDamage();
  }

  /** Has the next {@link ensureOpen} look at the path. */
  reopen(): void {
    this.#looks.hurry();
  }

  /** Bytes in the file. */
  get size(): number {
    return this.#size;
  }

  /** Bytes at the front of the file that are on the device, as far as that is known. */
  get syncedSize(): number {
    return this.#syncedSize;
  }

  /** Bytes written last that no fsync has covered, with those that are to be written anew. */
  get unsyncedBytes(): number {
    return this.#size - this.#syncedSize + this.#rescued.length;
  }

  /** Opens the file for the first time. @throws what the file system throws; nothing is left open then. */
  open(): OpenedStream {
    try {
      const lastSeq = this.#lastEntry.seqOf(this.path, this.#begin());
      return { lastSeq, damage: this.#opener.takeDamage() };
    } catch (error) {
      this.#lastEntry.noteFailedOpen();
      this.leave();
      throw error;
    }
  }

  /**
   * Has the file open, after the descriptor was given away, or a seal or others took the one before.
   *
   * @returns false when others took or cut the file, and unsynced bytes or the beginning of a line with it; see
   * {@link takeDamage}. The next call goes on, if need be in a new file.
   */
  ensureOpen(): boolean {
    if (!this.#isWhole()) return false;
    if (this.#fd === undefined) this.#begin();
    this.#rescued.writeBy((bytes) => this.write(bytes, 0, bytes.length));
    return true;
  }

  /** Whether what was written is where it was, or saved from there. */
  #isWhole(): boolean {
    if (this.#identity === undefined) return true;
    if (this.#fd === undefined) return this.#openAgain(this.#identity);
    const nowUs = this.#ports.clock.monotonicUs();
    this.#ports.descriptors.touch(this, nowUs);
    return !this.#looks.isDue(nowUs) || this.#look(this.#identity, this.#fd, nowUs);
  }

  /**
   * Begins a file; the lock may have gone with the one before, and its directory. Who has taken it since owns the name:
   * then the stream goes on in a part file, which its numbers begin in the midst of.
   *
   * @returns `seq` of the last entry found; 0 when there is none.
   */
  #begin(): number {
    this.#path = claimPath(this.#path, this.#lockFile, this.#isDurable, this.#ports);
    const found = this.#opener.openSound(this.path);
    this.#noteOpened(found);
    this.#syncedSize = this.#size;
    return found.lastSeq;
  }

  /** After the descriptor was given away. What others took meanwhile is out of reach. */
  #openAgain(before: FileIdentity): boolean {
    // Not to make one anew, which takes the lock.
    const named = this.#ports.fileSystem.lstat(this.path.active);
    if (named !== undefined && isSameFile(before, named)) {
      const { fd, stats } = this.#opener.openAsIs(this.path);
      this.#hold(fd);
      if (isSameFile(before, stats)) {
        if (stats.size === this.#size) return true;
        if (stats.size < this.#size) return this.#leaveCut(this.#size - stats.size);
      }
    }
    this.leave();
    return false;
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

  /** Looks whether the path still means the open file, and the file is as long as it was left. */
  #look(identity: FileIdentity, fd: number, nowUs: number): boolean {
    const named = this.#ports.fileSystem.lstat(this.path.active);
    if (named === undefined || !isSameFile(named, identity)) return this.#leaveTaken(fd);
    if (named.size < this.#size) return this.#leaveCut(this.#size - named.size);
    this.#looks.noteSeen(nowUs, this.#lineStart);
    return true;
  }

  /**
   * Leaves a file that others have moved or removed. What is nowhere else is read back, to begin the next one: of a
   * moved file the line that is half written, of a removed one what came since the last look.
   *
   * A durable stream has a moved file synced, and of a removed one the queue has all that counts.
   *
   * @returns false when the queue has to write its unsynced bytes again.
   */
  #leaveTaken(fd: number): boolean {
    const { fileSystem } = this.#ports;
    const isGone = fileSystem.stat(fd).links === 0;
    if (this.#isDurable && (isGone || !this.#isSyncable())) {
      this.leave();
      return false;
    }
    this.#rescued.readBack(fileSystem, fd, isGone ? this.#looks.rescuableFrom : this.#lineStart, this.#size);
    this.#forgetFile();
    return true;
  }

  #isSyncable(): boolean {
    try {
      this.sync();
      return true;
    } catch {
      return false;
    }
  }

  /** Others have cut the file. It is opened anew: what is behind its last whole line is no place to go on. */
  #leaveCut(lostBytes: number): boolean {
    this.#opener.noteDamage({ reason: "truncated", bytes: lostBytes });
    this.leave();
    return false;
  }

  /** fsync of the open file. */
  sync(): void {
    this.#ports.fileSystem.sync(this.#fd as number);
    this.#syncedSize = this.#size;
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
   * @returns undefined when the active name is not that of the file any more; the next {@link ensureOpen} sees to that.
   */
  seal(): string | undefined {
    const named = this.#ports.fileSystem.lstat(this.path.active);
    if (named === undefined || this.#identity === undefined || !isSameFile(named, this.#identity)) {
      this.reopen();
      return undefined;
    }
    // Windows neither renames nor unlinks an open file.
    this.releaseDescriptor();
    const sealed = this.sealer.seal(this.path, named);
    this.#isNewName = true;
    this.#forgetFile();
    return sealed;
  }

  /** Leaves the file as it is, and what was saved of one before: the next {@link ensureOpen} begins a new one. */
  leave(): void {
    this.#rescued.clear();
    this.#forgetFile();
  }

  #forgetFile(): void {
    this.releaseDescriptor();
    this.#identity = undefined;
    this.#size = 0;
    this.#syncedSize = 0;
    this.#lineStart = 0;
  }

  releaseDescriptor(): void {
    if (this.#fd === undefined) return;
    const fd = this.#fd;
    this.#fd = undefined;
    this.#ports.descriptors.forget(this);
    closeQuietly(this.#ports.fileSystem, fd);
  }

  releaseIdle(): void {
    // On the clock of the stream: in a worker, that tells whose file the thread hangs in if it does.
    this.#ports.clock.setTimer(() => {
      if (this.#fd !== undefined && !this.#isNeeded()) this.releaseDescriptor();
    }, 0);
  }

  /** Whether something would be lost with the descriptor: bytes to be synced, and the rest of a removed file. */
  #isNeeded(): boolean {
    if (this.#isDurable && this.unsyncedBytes > 0) return true;
    try {
      const named = this.#ports.fileSystem.lstat(this.path.active);
      return this.#identity === undefined || named === undefined || !isSameFile(named, this.#identity);
    } catch {
      return true;
    }
  }

  #hold(fd: number): void {
    this.#fd = fd;
    this.#ports.descriptors.touch(this, this.#ports.clock.monotonicUs());
  }

  #noteOpened({ fd, stats }: OpenFile): void {
    this.#hold(fd);
    this.#isNewName ||= stats.size === 0;
    this.#identity = { inode: stats.inode, device: stats.device };
    this.#size = stats.size;
    this.#lineStart = stats.size;
    this.#modifiedMs = stats.modifiedMs;
    this.#looks.begin(this.#ports.clock.monotonicUs(), this.#lineStart);
  }
}
