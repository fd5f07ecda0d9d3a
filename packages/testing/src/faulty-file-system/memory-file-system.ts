import { constants } from "node:fs";
import type { DirectoryEntry, FileStat, FileSystem } from "@waybill/protocols";
import { Descriptors, hasFlag, isReadable, isWritable, type OpenFile } from "./descriptors.ts";
import type { Disk } from "./disk.ts";
import { type Inode, statInode } from "./inode.ts";
import type { Place } from "./path-walk.ts";
import { createSystemError, Refusal } from "./system-error.ts";

/** Windows has neither flag: there the names are missing at run time. */
const noFollow = constants.O_NOFOLLOW ?? 0;
const directoryFlag = constants.O_DIRECTORY ?? 0;
const exclusive = constants.O_CREAT | constants.O_EXCL;

function refuse(code: string): never {
  throw new Refusal(code);
}

/** Runs a call and turns a refusal into the error of `node:fs`. */
function attempt<T>(syscall: string, paths: readonly [string?, string?], call: () => T): T {
  if (paths.some((path) => path?.includes("\0"))) {
    throw Object.assign(new TypeError("path with a NUL"), { code: "ERR_INVALID_ARG_VALUE" });
  }
  try {
    return call();
  } catch (error) {
    throw error instanceof Refusal ? createSystemError(error.code, syscall, ...paths) : error;
  }
}

function checkRange(bytes: Uint8Array, offset: number, length: number): void {
  if (offset >= 0 && length >= 0 && offset + length <= bytes.byteLength) return;
  const message = `offset ${offset} and length ${length} exceed ${bytes.byteLength} bytes`;
  throw Object.assign(new RangeError(message), { code: "ERR_OUT_OF_RANGE" });
}

/** A complete file system over a {@link Disk}, without faults; one instance is one process. */
export class MemoryFileSystem implements FileSystem {
  readonly descriptors: Descriptors;
  /** Bytes that all files together may have; undefined = no limit. A write beyond fills up, then gets ENOSPC. */
  deviceBytesMax: number | undefined;
  readonly #disk: Disk;

  constructor(disk: Disk, descriptorsMax: number) {
    this.#disk = disk;
    this.descriptors = new Descriptors(disk, descriptorsMax);
  }

  open(path: string, flags: number): number {
    return attempt("open", [path], () => {
      const fd = this.descriptors.nextFree();
      const follows = !hasFlag(flags, noFollow) && !hasFlag(flags, exclusive);
      this.descriptors.insert(fd, this.#openPlace(this.#disk.locate(path, follows), flags), path, flags);
      return fd;
    });
  }

  write(fd: number, bytes: Uint8Array, offset: number, length: number): number {
    checkRange(bytes, offset, length);
    return attempt("write", [], () => this.#writeTo(this.descriptors.get(fd), bytes, offset, length));
  }

  read(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number {
    checkRange(bytes, offset, length);
    return attempt("read", [], () => {
      const { inode, flags } = this.descriptors.get(fd);
      if (!isReadable(flags)) refuse("EBADF");
      return inode.kind === "file" ? inode.content.read(bytes, offset, length, position) : refuse("EISDIR");
    });
  }

  truncate(fd: number, length: number): void {
    attempt("ftruncate", [], () => {
      const { inode, flags } = this.descriptors.get(fd);
      if (inode.kind !== "file" || !isWritable(flags)) return refuse("EINVAL");
      // As fs.ftruncateSync: a negative length counts as 0.
      inode.content.truncate(Math.max(0, length));
      this.#disk.touch(inode);
    });
  }

  sync(fd: number): void {
    attempt("fsync", [], () => this.#sync(this.descriptors.get(fd).inode));
  }

  syncDirectory(path: string): void {
    attempt("open", [path], () => this.#sync(this.#disk.locate(path, true).inode ?? refuse("ENOENT")));
  }

  close(fd: number): void {
    attempt("close", [], () => this.descriptors.release(fd));
  }

  stat(fd: number): FileStat {
    return attempt("fstat", [], () => statInode(this.descriptors.get(fd).inode));
  }

  lstat(path: string): FileStat | undefined {
    return attempt("lstat", [path], () => {
      const inode = this.#find(path);
      return inode && statInode(inode);
    });
  }

  rename(from: string, to: string): void {
    attempt("rename", [from, to], () => this.#disk.rename(from, to));
  }

  link(existing: string, added: string): void {
    attempt("link", [existing, added], () => this.#disk.link(existing, added));
  }

  unlink(path: string): void {
    attempt("unlink", [path], () => this.#disk.unlink(path));
  }

  mkdir(path: string): void {
    attempt("mkdir", [path], () => {
      if (this.#disk.locate(path).inode?.kind !== "directory") this.#disk.createDirectory(path);
    });
  }

  rmdir(path: string): void {
    attempt("rmdir", [path], () => this.#disk.removeDirectory(path));
  }

  readdir(path: string): DirectoryEntry[] {
    return attempt("scandir", [path], () => {
      const { inode } = this.#disk.locate(path, true);
      if (inode === undefined) return refuse("ENOENT");
      if (inode.kind !== "directory") return refuse("ENOTDIR");
      const entries = [...inode.names].map(([name, child]) => ({ name, kind: child.kind }));
      return entries.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
    });
  }

  /** What Linux does to a file whose fsync failed; nothing for a descriptor that is not open. */
  loseDirtyPages(fd: number): void {
    const inode = this.descriptors.find(fd)?.inode;
    if (inode?.kind === "file") inode.content.loseDirtyPages();
  }

  /** No error for lstat: a missing name, and a file on the way. */
  #find(path: string): Inode | undefined {
    try {
      return this.#disk.locate(path).inode;
    } catch (error) {
      if (error instanceof Refusal && (error.code === "ENOENT" || error.code === "ENOTDIR")) return undefined;
      throw error;
    }
  }

  #openPlace(place: Place, flags: number): Inode {
    const { inode } = place;
    if (inode === undefined) {
      return hasFlag(flags, constants.O_CREAT) ? this.#disk.createFile(place) : refuse("ENOENT");
    }
    if (hasFlag(flags, exclusive)) refuse("EEXIST");
    if (inode.kind === "link") refuse(hasFlag(flags, directoryFlag) ? "ENOTDIR" : "ELOOP");
    if (inode.kind === "directory") {
      return isWritable(flags) || hasFlag(flags, constants.O_CREAT) ? refuse("EISDIR") : inode;
    }
    if (hasFlag(flags, directoryFlag)) refuse("ENOTDIR");
    if (inode.kind === "file" && hasFlag(flags, constants.O_TRUNC) && isWritable(flags)) {
      inode.content.truncate(0);
      this.#disk.touch(inode);
    }
    return inode;
  }

  #writeTo(file: OpenFile, bytes: Uint8Array, offset: number, length: number): number {
    const { inode } = file;
    if (!isWritable(file.flags) || inode.kind !== "file") return refuse("EBADF");
    const position = hasFlag(file.flags, constants.O_APPEND) ? inode.content.size : file.position;
    const count = Math.min(length, this.#roomAt(position, inode.content.size));
    if (count <= 0 && length > 0) refuse("ENOSPC");
    inode.content.write(bytes, offset, count, position);
    file.position = position + count;
    if (count > 0) this.#disk.touch(inode);
    return count;
  }

  /** Bytes that a write may have; overwriting needs no room, a hole before it does. */
  #roomAt(position: number, size: number): number {
    if (this.deviceBytesMax === undefined) return Number.POSITIVE_INFINITY;
    return size - position + Math.max(0, this.deviceBytesMax - this.#disk.usedBytes);
  }

  #sync(inode: Inode): void {
    if (inode.kind === "directory") this.#disk.journal.commitDirectory(inode);
    if (inode.kind !== "file") return;
    inode.content.sync();
    this.#disk.journal.commitNewFile(inode);
  }
}
