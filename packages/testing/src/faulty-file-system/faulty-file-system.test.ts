import { constants } from "node:fs";
import { describe, expect, it } from "vitest";
import { createFaultyFileSystem, type FaultyFileSystem } from "./faulty-file-system.ts";
import { SimulatedCrash } from "./simulated-crash.ts";

const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT;

function append(files: FaultyFileSystem, fd: number, text: string): number {
  return files.write(fd, Buffer.from(text), 0, Buffer.byteLength(text));
}

/** A file system with the open file /a. */
function withFile(options = {}): { files: FaultyFileSystem; fd: number } {
  const files = createFaultyFileSystem(options);
  return { files, fd: files.open("/a", flags, 0o640) };
}

describe("faulty file system: counting", () => {
  it("logs every call with path, descriptor and result", () => {
    const { files, fd } = withFile();
    append(files, fd, "abc");
    expect(() => files.unlink("/none")).toThrow("ENOENT");
    expect(files.operations).toEqual([
      { number: 1, verb: "open", path: "/a", fd: undefined, result: "ok", bytes: undefined },
      { number: 2, verb: "write", path: "/a", fd, result: "ok", bytes: 3 },
      { number: 3, verb: "unlink", path: "/none", fd: undefined, result: "ENOENT", bytes: undefined },
    ]);
    files.clearOperations();
    files.close(fd);
    expect([files.operations[0]?.number, files.openDescriptors]).toEqual([1, 0]);
  });

  it("does not know a descriptor after close", () => {
    const { files, fd } = withFile();
    files.close(fd);
    expect(() => append(files, fd, "x")).toThrow("EBADF: bad file descriptor, write");
    expect(() => files.close(fd)).toThrow("EBADF");
  });
});

describe("faulty file system: errors", () => {
  it("fails the N-th operation once", () => {
    const { files, fd } = withFile();
    const fault = files.inject({ operation: 3, error: "EIO" });
    append(files, fd, "a");
    expect(() => append(files, fd, "b")).toThrow("EIO: i/o error, write");
    append(files, fd, "c");
    expect([files.outside.readText("/a"), fault.hits]).toEqual(["ac", 1]);
  });

  it("fails from the N-th operation on, until the fault is removed", () => {
    const { files, fd } = withFile();
    const fault = files.inject({ operation: 2, error: "EIO", times: Number.POSITIVE_INFINITY });
    expect(() => append(files, fd, "a")).toThrow("EIO");
    expect(() => files.stat(fd)).toThrow("EIO: i/o error, fstat");
    fault.remove();
    expect(append(files, fd, "b")).toBe(1);
  });

  it("fails by verb and by path, the path of a descriptor and both paths of a rename included", () => {
    const { files, fd } = withFile();
    files.inject({ verb: ["write", "sync"], path: /^\/a$/, error: "ENOSPC" });
    files.inject({ verb: "rename", path: ".gz", error: "EACCES" });
    expect(files.lstat("/a")?.size).toBe(0);
    expect(() => append(files, fd, "x")).toThrow("ENOSPC");
    expect(() => files.rename("/a", "/a.gz")).toThrow("permission denied, rename '/a' -> '/a.gz'");
  });

  it("refuses an error that does not exist", () => {
    expect(() => createFaultyFileSystem().inject({ error: "EWHAT" })).toThrow(RangeError);
  });

  it("closes the descriptor even when close fails", () => {
    const { files, fd } = withFile();
    files.inject({ verb: "close", error: "EIO" });
    expect(() => files.close(fd)).toThrow("EIO");
    expect(files.openDescriptors).toBe(0);
  });

  it("shortens writes", () => {
    const { files, fd } = withFile();
    files.inject({ shortWriteBytes: 2 });
    expect([append(files, fd, "abc"), append(files, fd, "c")]).toEqual([2, 1]);
    expect(files.outside.readText("/a")).toBe("abc");
  });

  it("limits the open descriptors", () => {
    const { files } = withFile({ descriptorsMax: 1 });
    expect(() => files.open("/b", flags, 0o640)).toThrow("EMFILE");
    expect(files.lstat("/b")).toBeUndefined();
  });
});

describe("faulty file system: full device", () => {
  it("fills up, fails with ENOSPC, and goes on when there is space again", () => {
    const { files, fd } = withFile({ deviceBytesMax: 4 });
    expect(append(files, fd, "abcdef")).toBe(4);
    expect(() => append(files, fd, "ef")).toThrow("ENOSPC: no space left on device, write");
    files.setDeviceLimit(6);
    expect(append(files, fd, "ef")).toBe(2);
    expect(files.outside.readText("/a")).toBe("abcdef");
  });

  it("lets bytes be overwritten when it is full", () => {
    const { files, fd } = withFile({ deviceBytesMax: 4 });
    append(files, fd, "abcd");
    const overwriting = files.open("/a", constants.O_WRONLY, 0);
    expect(append(files, overwriting, "12345")).toBe(4);
    expect(files.outside.readText("/a")).toBe("1234");
  });

  it("frees the bytes of an unlinked file with its last descriptor", () => {
    const { files, fd } = withFile({ deviceBytesMax: 4 });
    append(files, fd, "abcd");
    const other = files.open("/b", flags, 0o640);
    files.unlink("/a");
    expect(() => append(files, other, "x")).toThrow("ENOSPC");
    files.close(fd);
    expect(append(files, other, "x")).toBe(1);
  });
});

describe("faulty file system: crash", () => {
  it("throws from every call until restart, and keeps what was written", () => {
    const { files, fd } = withFile();
    append(files, fd, "kept");
    files.inject({ operation: 3, crash: true });
    expect(() => append(files, fd, "lost")).toThrow(SimulatedCrash);
    expect(() => files.lstat("/a")).toThrow(SimulatedCrash);
    expect(files.crashed).toBe(true);
    files.restart();
    expect([files.crashed, files.openDescriptors, files.lstat("/a")?.size]).toEqual([false, 0, 4]);
  });

  it("tears a write", () => {
    const { files, fd } = withFile();
    files.inject({ verb: "write", crash: true, afterBytes: 2 });
    expect(() => append(files, fd, "abcd")).toThrow(SimulatedCrash);
    expect(files.outside.readText("/a")).toBe("ab");
  });
});

describe("faulty file system: outside", () => {
  it("lets others remove the directory, unlink, replace, cut and move what is open", () => {
    const files = createFaultyFileSystem();
    files.outside.writeFile("/logs/c/a.log", "old");
    const fd = files.open("/logs/c/a.log", flags, 0o640);
    const inode = files.stat(fd).inode;
    files.outside.truncateFile("/logs/c/a.log", 1);
    expect(files.stat(fd).size).toBe(1);
    files.outside.replaceFile("/logs/c/a.log", "new");
    expect([files.stat(fd).links, files.lstat("/logs/c/a.log")?.inode === inode]).toEqual([0, false]);
    files.outside.rename("/logs/c/a.log", "/logs/c/a.log.1");
    files.outside.removeDirectory("/logs");
    expect(() => files.open("/logs/c/a.log", flags, 0o640)).toThrow("ENOENT");
    expect(append(files, fd, "x")).toBe(1);
    expect(files.operations.map(({ verb }) => verb)).toEqual([
      "open",
      "stat",
      "stat",
      "stat",
      "lstat",
      "open",
      "write",
    ]);
  });
});
