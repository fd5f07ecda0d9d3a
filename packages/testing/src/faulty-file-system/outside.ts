import { constants } from "node:fs";
import type { Disk } from "./disk.ts";
import { MemoryFileSystem } from "./memory-file-system.ts";
import { Refusal } from "./system-error.ts";

/**
 * What other processes and administrators do to the files. Not counted, not hit by faults, possible during a crash.
 * Missing parent directories are created; errors are those of `node:fs`.
 */
export interface Outside {
  /** The bytes that a process would read now. */
  readFile(path: string): Uint8Array;
  /** The same as UTF-8 text. */
  readText(path: string): string;
  /** Sets the content of a file, keeping its inode if it exists. */
  writeFile(path: string, content: Uint8Array | string): void;
  /** Puts a new file, of another inode, in the place of whatever bears the name: `mv` and create. */
  replaceFile(path: string, content: Uint8Array | string): void;
  /** Cuts a file, as `copytruncate` of logrotate does. @param length - bytes. Default 0. */
  truncateFile(path: string, length?: number): void;
  unlink(path: string): void;
  rename(from: string, to: string): void;
  link(existing: string, added: string): void;
  symlink(target: string, path: string): void;
  makeDirectory(path: string): void;
  /** `rm -rf`; nothing when the name is free. */
  removeDirectory(path: string): void;
}

function parentOf(path: string): string {
  return path.replaceAll("\\", "/").replace(/\/[^/]*\/*$/, "");
}

/** The other process; its descriptors do not count for ours. */
export function createOutside(disk: Disk): Outside {
  const files = new MemoryFileSystem(disk, Number.POSITIVE_INFINITY);

  function makeDirectory(path: string): void {
    if (path === "" || files.lstat(path) !== undefined) return;
    makeDirectory(parentOf(path));
    files.mkdir(path);
  }

  function withFile<T>(path: string, flags: number, work: (fd: number) => T): T {
    const fd = files.open(path, flags);
    try {
      return work(fd);
    } finally {
      files.close(fd);
    }
  }

  function readFile(path: string): Uint8Array {
    return withFile(path, constants.O_RDONLY, (fd) => {
      const bytes = new Uint8Array(files.stat(fd).size);
      files.read(fd, bytes, 0, bytes.length, 0);
      return bytes;
    });
  }

  function writeFile(path: string, content: Uint8Array | string): void {
    makeDirectory(parentOf(path));
    const bytes = Buffer.from(content);
    withFile(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, (fd) =>
      files.write(fd, bytes, 0, bytes.length),
    );
  }

  function removeDirectory(path: string): void {
    try {
      disk.removeTree(path);
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== "ENOENT") throw error;
    }
  }

  return {
    readFile,
    readText: (path) => Buffer.from(readFile(path)).toString("utf8"),
    writeFile,
    replaceFile(path, content) {
      removeDirectory(path);
      writeFile(path, content);
    },
    truncateFile: (path, length = 0) =>
      withFile(path, constants.O_WRONLY, (fd) => files.truncate(fd, length)),
    unlink: (path) => files.unlink(path),
    rename: (from, to) => files.rename(from, to),
    link: (existing, added) => files.link(existing, added),
    symlink(target, path) {
      makeDirectory(parentOf(path));
      disk.createLink(path, target);
    },
    makeDirectory,
    removeDirectory,
  };
}
