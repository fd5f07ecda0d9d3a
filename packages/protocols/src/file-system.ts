import * as fs from "node:fs";

/** What a path or descriptor points to. Links are reported as `link`, never followed. */
export type FileKind = "file" | "directory" | "link" | "other";

/** The facts about a file that the log tree relies on. */
export interface FileStat {
  readonly kind: FileKind;
  /** Bytes. */
  readonly size: number;
  /** Identity together with `device`: survives a rename, differs for a new file of the same name. */
  readonly inode: bigint;
  readonly device: bigint;
  /** Hard links; 0 = unlinked but still open. */
  readonly links: number;
  /** Milliseconds since the epoch. */
  readonly modifiedMs: number;
  /** Id of the user that owns it; left out by file systems that know none. */
  readonly uid?: number;
}

/** A name in a directory. */
export interface DirectoryEntry {
  readonly name: string;
  readonly kind: FileKind;
}

/**
 * The calls to the operating system that the write path makes, as a port: tests replace it to fail the N-th call,
 * shorten writes, or cut the power.
 *
 * Synchronous on purpose: the thread that calls decides what waits. Every method throws the error of `node:fs` with
 * its `code` (`ENOSPC`, `EIO`, …) unless said otherwise.
 */
export interface FileSystem {
  /** @param flags - as in `fs.constants`. @param mode - permission bits of a new file. */
  open(path: string, flags: number, mode: number): number;
  /** Writes at the current end (`O_APPEND`); may write less than asked. @returns bytes written. */
  write(fd: number, bytes: Uint8Array, offset: number, length: number): number;
  /** @returns bytes read; 0 at the end of the file. */
  read(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number;
  truncate(fd: number, length: number): void;
  /** fsync of a file. */
  sync(fd: number): void;
  /** fsync of a directory, so that names in it survive power loss; a no-op where the system has none (Windows). */
  syncDirectory(path: string): void;
  close(fd: number): void;
  stat(fd: number): FileStat;
  /** @returns undefined when nothing has this name, also when a part of the path is missing or is a file. */
  lstat(path: string): FileStat | undefined;
  rename(from: string, to: string): void;
  link(existing: string, added: string): void;
  unlink(path: string): void;
  /** Creates one directory; an existing one is not an error. `EEXIST` when a file or a link has the name. */
  mkdir(path: string, mode: number): void;
  /** Removes one empty directory; `ENOTEMPTY` when it is not empty. */
  rmdir(path: string): void;
  readdir(path: string): DirectoryEntry[];
}

/** What `fs.Dirent` and `fs.Stats` tell of a name. Not these types themselves: to use this package takes none of Node. */
interface FoundName {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

/** What `fs.BigIntStats` tells of a file. */
interface FoundFile extends FoundName {
  readonly size: bigint;
  readonly ino: bigint;
  readonly dev: bigint;
  readonly nlink: bigint;
  readonly mtimeMs: bigint;
  readonly uid: bigint;
}

/** The kind of what a call of `node:fs` has found, for file systems over other forms of its calls. */
export function toFileKind(entry: FoundName): FileKind {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "directory";
  return entry.isSymbolicLink() ? "link" : "other";
}

/** The facts that a call of `node:fs` has found, see {@link toFileKind}. @param stats - of a call with `bigint: true`. */
export function toFileStat(stats: FoundFile): FileStat {
  return {
    kind: toFileKind(stats),
    size: Number(stats.size),
    inode: stats.ino,
    device: stats.dev,
    links: Number(stats.nlink),
    modifiedMs: Number(stats.mtimeMs),
    uid: Number(stats.uid),
  };
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

function findByName(path: string): FileStat | undefined {
  try {
    const stats = fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
    return stats && toFileStat(stats);
  } catch (error) {
    // `throwIfNoEntry` of Node 20 covers ENOENT only; a name below a file is ENOTDIR on Linux and macOS.
    if (hasCode(error, "ENOTDIR")) return undefined;
    throw error;
  }
}

const isWindows = process.platform === "win32";

/** The file system of this machine, through `node:fs`. */
export const nodeFileSystem: FileSystem = {
  open: (path, flags, mode) => fs.openSync(path, flags, mode),
  write: (fd, bytes, offset, length) => fs.writeSync(fd, bytes, offset, length),
  read: (fd, bytes, offset, length, position) => fs.readSync(fd, bytes, offset, length, position),
  truncate: (fd, length) => fs.ftruncateSync(fd, length),
  sync: (fd) => fs.fsyncSync(fd),
  syncDirectory(path) {
    if (isWindows) return;
    const fd = fs.openSync(path, fs.constants.O_RDONLY);
    try {
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  },
  close: (fd) => fs.closeSync(fd),
  stat: (fd) => toFileStat(fs.fstatSync(fd, { bigint: true })),
  lstat: findByName,
  rename: (from, to) => fs.renameSync(from, to),
  link: (existing, added) => fs.linkSync(existing, added),
  unlink: (path) => fs.unlinkSync(path),
  mkdir(path, mode) {
    try {
      fs.mkdirSync(path, mode);
    } catch (error) {
      if (!hasCode(error, "EEXIST") || findByName(path)?.kind !== "directory") throw error;
    }
  },
  rmdir: (path) => fs.rmdirSync(path),
  readdir: (path) =>
    fs
      .readdirSync(path, { withFileTypes: true })
      .map((entry) => ({ name: entry.name, kind: toFileKind(entry) })),
};
