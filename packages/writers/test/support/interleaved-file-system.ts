import type { FileSystem } from "@waybill/protocols";

/** A file system as a process sees it that is stopped before each of its calls, so that others can run there. */
export function interleave(files: FileSystem, beforeCall: (call: number) => void): FileSystem {
  let calls = 0;
  const stop = (): FileSystem => {
    calls += 1;
    beforeCall(calls);
    return files;
  };
  return {
    open: (path, flags, mode) => stop().open(path, flags, mode),
    write: (fd, bytes, offset, length) => stop().write(fd, bytes, offset, length),
    read: (fd, bytes, offset, length, position) => stop().read(fd, bytes, offset, length, position),
    truncate: (fd, length) => stop().truncate(fd, length),
    sync: (fd) => stop().sync(fd),
    syncDirectory: (path) => stop().syncDirectory(path),
    close: (fd) => stop().close(fd),
    stat: (fd) => stop().stat(fd),
    lstat: (path) => stop().lstat(path),
    rename: (from, to) => stop().rename(from, to),
    link: (existing, added) => stop().link(existing, added),
    unlink: (path) => stop().unlink(path),
    mkdir: (path, mode) => stop().mkdir(path, mode),
    rmdir: (path) => stop().rmdir(path),
    readdir: (path) => stop().readdir(path),
  };
}
