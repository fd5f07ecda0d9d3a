import { constants } from "node:fs";
import { describe, expect, it } from "vitest";
import { createFaultyFileSystem, type FaultyFileSystem } from "./faulty-file-system.ts";

const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT;

function append(files: FaultyFileSystem, path: string, text: string, { sync = false } = {}): void {
  const fd = files.open(path, flags, 0o640);
  files.write(fd, Buffer.from(text), 0, Buffer.byteLength(text));
  if (sync) files.sync(fd);
  files.close(fd);
}

/** The text of a file after each kind of power cut; undefined where it has no name. */
function textsOf(files: FaultyFileSystem, path: string): Record<string, string | undefined> {
  const states = files.powerLossStates().map(({ kind, fileSystem }) => {
    const isThere = fileSystem.lstat(path) !== undefined;
    return [kind, isThere ? fileSystem.outside.readText(path) : undefined];
  });
  return Object.fromEntries(states);
}

describe("power loss: bytes", () => {
  it("keeps what was synced in every kind, with the name of a new file", () => {
    const files = createFaultyFileSystem();
    append(files, "/a", "safe", { sync: true });
    expect(textsOf(files, "/a")).toEqual({ drop: "safe", meta: "safe", nul: "safe", rand: "safe" });
  });

  it("drops, cuts or blanks what was not", () => {
    const files = createFaultyFileSystem();
    append(files, "/a", "safe", { sync: true });
    append(files, "/a", "+lost");
    const { drop, meta, nul, rand } = textsOf(files, "/a");
    expect({ drop, meta, nul }).toEqual({ drop: "safe", meta: "safe", nul: "safe\0\0\0\0\0" });
    expect(["safe+lost", "safe\0\0\0\0\0"]).toContain(rand);
  });

  it("lets pages survive at random, each whole, the same for the same seed", () => {
    function survivors(seed: number): string[] {
      const files = createFaultyFileSystem({ seed });
      append(files, "/a", "", { sync: true });
      append(files, "/a", "x".repeat(4096 * 16));
      files.restartAfterPowerLoss("rand");
      return files.outside.readText("/a").match(/(.)\1{4095}/gs) ?? [];
    }
    const pages = survivors(3).map((page) => page[0]);
    expect(pages.length).toBe(16);
    expect(new Set(pages)).toEqual(new Set(["x", "\0"]));
    expect(survivors(3)).toEqual(survivors(3));
    expect(survivors(4)).not.toEqual(survivors(3));
  });

  it("undoes a truncation only in drop", () => {
    const files = createFaultyFileSystem();
    append(files, "/a", "abcdef", { sync: true });
    files.outside.truncateFile("/a", 2);
    expect(textsOf(files, "/a")).toEqual({ drop: "abcdef", meta: "ab", nul: "ab", rand: "ab" });
  });

  it("does not bring truncated bytes back when the file grows again", () => {
    const files = createFaultyFileSystem();
    append(files, "/a", "abcdef", { sync: true });
    const fd = files.open("/a", flags, 0o640);
    files.truncate(fd, 2);
    files.truncate(fd, 4);
    files.sync(fd);
    expect(textsOf(files, "/a")["drop"]).toBe("ab\0\0");
  });

  it("loses the pages of a failed fsync though the next one succeeds", () => {
    const files = createFaultyFileSystem();
    append(files, "/a", "", { sync: true });
    const fd = files.open("/a", flags, 0o640);
    files.inject({ verb: "sync", error: "EIO" });
    files.write(fd, Buffer.from("lost"), 0, 4);
    expect(() => files.sync(fd)).toThrow("EIO: i/o error, fsync");
    files.sync(fd);
    expect(files.outside.readText("/a")).toBe("lost");
    files.restartAfterPowerLoss("drop");
    expect(files.outside.readText("/a")).toBe("\0\0\0\0");
  });
});

describe("power loss: names", () => {
  it("forgets a new name until its directory or the file is synced", () => {
    const files = createFaultyFileSystem();
    append(files, "/a", "");
    expect(textsOf(files, "/a")["drop"]).toBeUndefined();
    files.syncDirectory("/");
    expect(textsOf(files, "/a")["drop"]).toBe("");
  });

  it("does not make the second name of an old file durable by syncing the file", () => {
    const files = createFaultyFileSystem();
    append(files, "/active", "x", { sync: true });
    files.link("/active", "/sealed");
    append(files, "/active", "y", { sync: true });
    expect(textsOf(files, "/sealed")).toMatchObject({ drop: undefined, meta: "xy", nul: "xy" });
  });

  it("brings an unlinked name back until its directory is synced", () => {
    const files = createFaultyFileSystem();
    append(files, "/a", "x", { sync: true });
    files.unlink("/a");
    expect(textsOf(files, "/a")).toMatchObject({ drop: "x", meta: undefined, nul: undefined });
    files.syncDirectory("/");
    expect(textsOf(files, "/a")["drop"]).toBeUndefined();
  });

  it("keeps exactly one name of a file renamed between directories, whichever is synced", () => {
    for (const synced of ["/from", "/to"]) {
      const files = createFaultyFileSystem();
      files.mkdir("/from", 0o750);
      files.mkdir("/to", 0o750);
      append(files, "/from/a", "x", { sync: true });
      files.rename("/from/a", "/to/a");
      expect([textsOf(files, "/from/a")["drop"], textsOf(files, "/to/a")["drop"]]).toEqual(["x", undefined]);
      files.syncDirectory(synced);
      expect([textsOf(files, "/from/a")["drop"], textsOf(files, "/to/a")["drop"]]).toEqual([undefined, "x"]);
    }
  });

  it("does not bring back a name that a durable rename took away", () => {
    const files = createFaultyFileSystem();
    files.mkdir("/b", 0o750);
    append(files, "/a", "x");
    files.rename("/a", "/b/a");
    files.syncDirectory("/b");
    expect(files.powerLossStates().map(({ fileSystem }) => fileSystem.lstat("/a"))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("keeps hard links one file", () => {
    const files = createFaultyFileSystem();
    append(files, "/a", "x", { sync: true });
    files.link("/a", "/b");
    files.syncDirectory("/");
    files.restartAfterPowerLoss("drop");
    expect([files.lstat("/a")?.links, files.lstat("/a")?.inode === files.lstat("/b")?.inode]).toEqual([
      2,
      true,
    ]);
  });

  it("leaves the original as it is, and starts the copies without faults", () => {
    const files = createFaultyFileSystem();
    append(files, "/a", "x");
    files.inject({ error: "EIO", times: Number.POSITIVE_INFINITY });
    const [state] = files.powerLossStates();
    expect(state?.fileSystem.readdir("/")).toEqual([]);
    expect(files.outside.readText("/a")).toBe("x");
  });
});
