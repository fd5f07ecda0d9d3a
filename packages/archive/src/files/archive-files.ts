import * as fs from "node:fs";
import {
  type DirectoryEntry,
  type FileStat,
  type FileSystem,
  nodeFileSystem,
  toFileKind,
  toFileStat,
} from "@waybill/protocols";

/**
 * The calls to the operating system that archiving makes. Asynchronous, unlike `FileSystem`: archiving shares the
 * thread with the application, and an fsync of a large file takes tens of milliseconds.
 */
export interface ArchiveFiles {
  open(path: string, flags: number): Promise<number>;
  /** Writes at the end of a file opened with `O_APPEND`; may write less than asked. @returns bytes written. */
  write(fd: number, bytes: Uint8Array, offset: number, length: number): Promise<number>;
  /** @returns bytes read; 0 at the end of the file. */
  read(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): Promise<number>;
  /** Sets the time of the last change, milliseconds since the epoch. */
  setModified(fd: number, modifiedMs: number): Promise<void>;
  sync(fd: number): Promise<void>;
  syncDirectory(path: string): Promise<void>;
  close(fd: number): Promise<void>;
  stat(fd: number): Promise<FileStat>;
  /** @returns undefined when nothing has this name. Links are not followed. */
  lstat(path: string): Promise<FileStat | undefined>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Creates one directory; an existing one is not an error. */
  mkdir(path: string): Promise<void>;
  readdir(path: string): Promise<readonly DirectoryEntry[]>;
}

/** Permission bits of files and directories that archiving creates. */
export const fileMode = 0o640;
/** See {@link fileMode}. */
export const directoryMode = 0o750;

/** Open an existing file to read, never through a link, and without waiting for the other end of a pipe. */
export const readFlags =
  fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0) | (fs.constants.O_NONBLOCK ?? 0);
/** Create a file that nothing and nobody has made before, to write it and read it back. */
export const createFlags =
  fs.constants.O_RDWR |
  fs.constants.O_APPEND |
  fs.constants.O_CREAT |
  fs.constants.O_EXCL |
  (fs.constants.O_NOFOLLOW ?? 0);
/** Add to a file, which is created if need be. */
export const appendFlags =
  fs.constants.O_RDWR | fs.constants.O_APPEND | fs.constants.O_CREAT | (fs.constants.O_NOFOLLOW ?? 0);

const isWindows = process.platform === "win32";

/** A call of `node:fs` that takes a callback, as a promise. */
function promised<T>(call: (done: (error: Error | null, value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error === null || error === undefined ? resolve(value) : reject(error)));
  });
}

/** Whether a failure of the operating system has one of these codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}

async function findByName(path: string): Promise<FileStat | undefined> {
  try {
    return toFileStat(await promised<fs.BigIntStats>((done) => fs.lstat(path, { bigint: true }, done)));
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}

async function syncDirectory(path: string): Promise<void> {
  // Windows has no fsync of directories.
  if (isWindows) return;
  const fd = await promised<number>((done) => fs.open(path, fs.constants.O_RDONLY, done));
  try {
    await promised<void>((done) => fs.fsync(fd, done));
  } finally {
    await promised<void>((done) => fs.close(fd, done));
  }
}

/** The files of this machine, by the thread pool of Node. */
export const nodeFiles: ArchiveFiles = {
  open: (path, flags) => promised((done) => fs.open(path, flags, fileMode, done)),
  write: (fd, bytes, offset, length) => promised((done) => fs.write(fd, bytes, offset, length, null, done)),
  read: (fd, bytes, offset, length, position) =>
    promised((done) => fs.read(fd, bytes, offset, length, position, done)),
  setModified(fd, modifiedMs) {
    // Node takes seconds and cuts what a double cannot hold: without the half microsecond the time loses 1 ms.
    const seconds = (modifiedMs + 0.0005) / 1000;
    return promised((done) => fs.futimes(fd, seconds, seconds, done));
  },
  sync: (fd) => promised((done) => fs.fsync(fd, done)),
  syncDirectory,
  close: (fd) => promised((done) => fs.close(fd, done)),
  stat: async (fd) =>
    toFileStat(await promised<fs.BigIntStats>((done) => fs.fstat(fd, { bigint: true }, done))),
  lstat: findByName,
  rename: (from, to) => promised((done) => fs.rename(from, to, done)),
  unlink: (path) => promised((done) => fs.unlink(path, done)),
  async mkdir(path) {
    try {
      await promised<void>((done) => fs.mkdir(path, directoryMode, done));
    } catch (error) {
      if (!hasCode(error, "EEXIST") || (await findByName(path))?.kind !== "directory") throw error;
    }
  },
  async readdir(path) {
    const entries = await promised<fs.Dirent[]>((done) => fs.readdir(path, { withFileTypes: true }, done));
    return entries.map((entry) => ({ name: entry.name, kind: toFileKind(entry) }));
  },
};

/** Archiving over a `FileSystem`, which has no call to set times: files keep the time of their writing. */
function filesOver(fileSystem: FileSystem): ArchiveFiles {
  return {
    open: async (path, flags) => fileSystem.open(path, flags, fileMode),
    write: async (fd, bytes, offset, length) => fileSystem.write(fd, bytes, offset, length),
    read: async (fd, bytes, offset, length, position) => fileSystem.read(fd, bytes, offset, length, position),
    setModified: async () => undefined,
    sync: async (fd) => fileSystem.sync(fd),
    syncDirectory: async (path) => fileSystem.syncDirectory(path),
    close: async (fd) => fileSystem.close(fd),
    stat: async (fd) => fileSystem.stat(fd),
    lstat: async (path) => fileSystem.lstat(path),
    rename: async (from, to) => fileSystem.rename(from, to),
    unlink: async (path) => fileSystem.unlink(path),
    mkdir: async (path) => fileSystem.mkdir(path, directoryMode),
    readdir: async (path) => fileSystem.readdir(path),
  };
}

/** The calls over a given file system; those of this machine go through the thread pool. */
export function archiveFilesOf(fileSystem: FileSystem | undefined): ArchiveFiles {
  return fileSystem === undefined || fileSystem === nodeFileSystem ? nodeFiles : filesOver(fileSystem);
}
