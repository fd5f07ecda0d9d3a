import * as fs from "node:fs";
import type { FileStat, FileSystem } from "@waybill/protocols";
import { errorCodeOf } from "./error-code.ts";
import { type FileIdentity, findMovedFile, isSameFile } from "./find-moved-file.ts";

/** A file that is open for its reader, whether or not it has a descriptor at the moment. */
export interface PooledFile {
  /** At opening. */
  readonly stat: FileStat;
  /**
   * @returns bytes read; 0 at the end.
   * @throws {FileVanishedError} when the file had to be opened again and is gone. @throws as `FileSystem.read`.
   */
  read(bytes: Buffer, position: number): number;
  /** Idempotent. */
  close(): void;
}

/** Opens files to read, with a bounded number of descriptors. */
export interface DescriptorPool {
  /**
   * @param identity - which file is meant, when the path may have another one by now.
   * @throws {FileVanishedError} when it is gone. @throws as `FileSystem.open`.
   */
  open(file: string, identity?: FileIdentity): PooledFile;
}

/** The file is not there any more, under no name of its directory. */
export class FileVanishedError extends Error {
  override readonly name = "FileVanishedError";
}

/** Bytes of a file's start that tell it from a later one on the same, re-used inode. */
const headBytes = 96;
const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants;

/**
 * Makes a pool that keeps the most recently read files open. A file that lost its descriptor is opened again when it
 * is read on; if it was sealed meanwhile, under its new name.
 *
 * @param openFilesMax - descriptors, integer ≥ 1.
 */
export function createDescriptorPool(fileSystem: FileSystem, openFilesMax: number): DescriptorPool {
  const descriptors = createDescriptorCache(fileSystem, openFilesMax);
  /** Opens the file that is meant, wherever it stands. */
  const openIdentity = (file: string, identity: FileIdentity | undefined): { fd: number; stat: FileStat } => {
    const current = identity === undefined ? file : findMovedFile(file, identity, fileSystem);
    if (current === undefined) throw new FileVanishedError("the file is gone");
    const fd = descriptors.open(current);
    try {
      const stat = fileSystem.stat(fd);
      if (stat.kind !== "file") throw new Error("not a regular file");
      const isMeant = identity === undefined || isSameFile(stat, identity);
      if (!isMeant) throw new FileVanishedError("the file is gone");
      return { fd, stat };
    } catch (error) {
      closeQuietly(fileSystem, fd);
      throw error;
    }
  };
  const openAgain = (file: string, stat: FileStat, head: Buffer): number => {
    const { fd } = openIdentity(file, stat);
    if (readHead(fileSystem, fd, head.length).equals(head)) return fd;
    closeQuietly(fileSystem, fd);
    throw new FileVanishedError("the file is gone, and another one has its inode");
  };
  return {
    open(file, identity) {
      const key = {};
      const { fd, stat } = openIdentity(file, identity);
      const head = readHead(fileSystem, fd, stat.size);
      descriptors.keep(key, fd);
      return {
        stat,
        read(bytes, position) {
          const current = descriptors.take(key) ?? openAgain(file, stat, head);
          descriptors.keep(key, current);
          return fileSystem.read(current, bytes, 0, bytes.length, position);
        },
        close() {
          const current = descriptors.take(key);
          if (current !== undefined) closeQuietly(fileSystem, current);
        },
      };
    },
  };
}

/** A bounded number of open descriptors; the least recently kept one is closed to make room. */
function createDescriptorCache(fileSystem: FileSystem, openFilesMax: number) {
  /** By reader, the least recently kept first (a Map keeps the order of insertion). */
  const kept = new Map<object, number>();
  const closeOldest = (): boolean => {
    for (const [key, fd] of kept) {
      kept.delete(key);
      closeQuietly(fileSystem, fd);
      return true;
    }
    return false;
  };
  return {
    /** @throws {FileVanishedError} when nothing has this name. @throws as `FileSystem.open`. */
    open(file: string): number {
      while (kept.size >= openFilesMax) closeOldest();
      for (;;) {
        try {
          // A FIFO in place of a log would hang the reader without O_NONBLOCK.
          return fileSystem.open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
        } catch (error) {
          const code = errorCodeOf(error);
          if ((code === "EMFILE" || code === "ENFILE") && closeOldest()) continue;
          if (code === "ENOENT") throw new FileVanishedError("the file is gone", { cause: error });
          throw error;
        }
      }
    },
    keep(key: object, fd: number): void {
      kept.set(key, fd);
    },
    /** The descriptor of a reader, which is no longer kept; undefined when it was closed to make room. */
    take(key: object): number | undefined {
      const fd = kept.get(key);
      kept.delete(key);
      return fd;
    },
  };
}

function readHead(fileSystem: FileSystem, fd: number, size: number): Buffer {
  const head = Buffer.alloc(Math.min(size, headBytes));
  try {
    return head.subarray(0, fileSystem.read(fd, head, 0, head.length, 0));
  } catch {
    // A disk that fails here fails at the first real read too, which is where it is reported.
    return head.subarray(0, 0);
  }
}

function closeQuietly(fileSystem: FileSystem, fd: number): void {
  try {
    fileSystem.close(fd);
  } catch {
    // Nothing was written through it, so nothing is lost.
    return;
  }
}
