import type { FileSystem } from "@waybill/protocols";
import type { SpaceAccount } from "./space-account.ts";
import { spaceExhausted } from "./space-exhausted.ts";

/**
 * The same file system, of which each write takes its bytes from an account first: those of segments, locks, and what is
 * set aside. A write that is short gives the rest back, one that fails gives all back.
 *
 * @returns one whose `write` throws `WAYBILL_SPACE_EXHAUSTED`, and writes nothing, when not all of it fits.
 */
export function meterFileSystem(fileSystem: FileSystem, account: SpaceAccount): FileSystem {
  return {
    write(fd, bytes, offset, length) {
      if (!account.take(length)) throw spaceExhausted(length, account.remainingBytes);
      let written = 0;
      try {
        written = fileSystem.write(fd, bytes, offset, length);
        return written;
      } finally {
        account.settle(length, written);
      }
    },
    open: (path, flags, mode) => fileSystem.open(path, flags, mode),
    read: (fd, bytes, offset, length, position) => fileSystem.read(fd, bytes, offset, length, position),
    truncate: (fd, length) => fileSystem.truncate(fd, length),
    sync: (fd) => fileSystem.sync(fd),
    syncDirectory: (path) => fileSystem.syncDirectory(path),
    close: (fd) => fileSystem.close(fd),
    stat: (fd) => fileSystem.stat(fd),
    lstat: (path) => fileSystem.lstat(path),
    rename: (from, to) => fileSystem.rename(from, to),
    link: (existing, added) => fileSystem.link(existing, added),
    unlink: (path) => fileSystem.unlink(path),
    mkdir: (path, mode) => fileSystem.mkdir(path, mode),
    rmdir: (path) => fileSystem.rmdir(path),
    readdir: (path) => fileSystem.readdir(path),
  };
}
