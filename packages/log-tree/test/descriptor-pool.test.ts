import { renameSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { type FileStat, type FileSystem, nodeFileSystem } from "@waybill/protocols";
import { describe, expect, it } from "vitest";
import { createDescriptorPool } from "../src/descriptor-pool.ts";
import { useTemporaryDirectories } from "./support/temporary-directory.ts";

const temporaryDirectory = useTemporaryDirectories();

/** A disk that gives the inode of a deleted file to the next one, always: here all files of a name's first letter. */
function reusingInodes(): FileSystem {
  const inodes = new Map<number, string>();
  const alter = (stat: FileStat, file: string): FileStat => ({
    ...stat,
    inode: BigInt(path.basename(file).charCodeAt(0)),
  });
  return {
    ...nodeFileSystem,
    open(file, flags, mode) {
      const fd = nodeFileSystem.open(file, flags, mode);
      inodes.set(fd, file);
      return fd;
    },
    stat: (fd) => alter(nodeFileSystem.stat(fd), inodes.get(fd) ?? ""),
    lstat(file) {
      const stat = nodeFileSystem.lstat(file);
      return stat && alter(stat, file);
    },
  };
}

/** Opens `a.log`, takes its descriptor away, does something to the directory, and reads the first bytes. */
function readAfter(content: string, change: (file: string, directory: string) => void): string {
  const directory = temporaryDirectory();
  const file = path.join(directory, "a.log");
  writeFileSync(file, content);
  writeFileSync(path.join(directory, "other.log"), "");
  const pool = createDescriptorPool(reusingInodes(), 1);
  const opened = pool.open(file);
  pool.open(path.join(directory, "other.log")).close();
  change(file, directory);
  const bytes = Buffer.alloc(100);
  try {
    return bytes.toString("utf8", 0, opened.read(bytes, 0));
  } finally {
    opened.close();
  }
}

const gone = expect.objectContaining({ name: "FileVanishedError" });

describe("createDescriptorPool", () => {
  it("follows a file that was renamed while it had no descriptor", () => {
    const text = readAfter("before", (file, directory) => renameSync(file, path.join(directory, "a.1.log")));
    expect(text).toBe("before");
  });

  it("goes on in a file that grew", () => {
    expect(readAfter("before", (file) => writeFileSync(file, "before and after"))).toBe("before and after");
  });

  it("does not take a smaller file on the same inode for the one it had open", () => {
    expect(() => readAfter("before", (file) => writeFileSync(file, "befor"))).toThrow(gone);
  });

  it("does not take a larger file on the same inode for it either when it begins otherwise", () => {
    expect(() => readAfter("before", (file) => writeFileSync(file, "afterwards"))).toThrow(gone);
  });

  it("does not take a compressed file on the same inode for the plain one", () => {
    const change = (file: string, directory: string): void => {
      rmSync(file);
      writeFileSync(path.join(directory, "a.log.gz"), "before, compressed");
    };
    expect(() => readAfter("before", change)).toThrow(gone);
  });

  it("does not open a file for the listed one when it is smaller than that was", () => {
    const file = path.join(temporaryDirectory(), "a.log");
    writeFileSync(file, "later");
    const stat = nodeFileSystem.lstat(file) as FileStat;
    const pool = createDescriptorPool(nodeFileSystem, 1);
    expect(() => pool.open(file, { ...stat, size: 6 })).toThrow(gone);
  });
});
