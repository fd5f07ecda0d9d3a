import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nodeFileSystem as files } from "./file-system.ts";

// What every file system must do is in the conformance suite of @waybill/testing, which runs there over this one.

const { O_APPEND, O_CREAT, O_RDWR } = fs.constants;
const isWindows = process.platform === "win32";
let root = "";

beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), "waybill-protocols-"));
});
afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

const at = (name: string): string => join(root, name);

/** Open descriptors of this process that lead to a path; other threads open and close their own meanwhile. */
const descriptorsOf = (file: string): number =>
  fs.readdirSync("/proc/self/fd").filter((fd) => targetOf(fd) === fs.realpathSync(file)).length;

function targetOf(fd: string): string | undefined {
  try {
    return fs.readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    // Closed since it was listed.
    return undefined;
  }
}

describe("mkdir of nodeFileSystem", () => {
  it("takes an existing directory for done and leaves what is in it", () => {
    files.mkdir(at("d"), 0o750);
    fs.writeFileSync(at("d/file"), "x");
    files.mkdir(at("d"), 0o750);
    expect(fs.readFileSync(at("d/file"), "utf8")).toBe("x");
  });

  it("throws the error of node:fs when a file has the name", () => {
    fs.writeFileSync(at("file"), "x");
    expect(() => files.mkdir(at("file"), 0o750)).toThrow(
      expect.objectContaining({ code: "EEXIST", syscall: "mkdir", path: at("file") }),
    );
  });

  it("throws its own error, not that of a look at the name", () => {
    expect(() => files.mkdir(at("n".repeat(5000)), 0o750)).toThrow(
      expect.objectContaining({ syscall: "mkdir" }),
    );
  });

  it("does not make the directories above", () => {
    expect(() => files.mkdir(at("no/where"), 0o750)).toThrow(expect.objectContaining({ code: "ENOENT" }));
  });

  it.skipIf(isWindows)("gives directories and files the permissions that are asked for", () => {
    files.mkdir(at("d"), 0o700);
    files.close(files.open(at("file"), O_RDWR | O_CREAT, 0o600));
    expect([fs.statSync(at("d")).mode & 0o777, fs.statSync(at("file")).mode & 0o777]).toEqual([0o700, 0o600]);
  });
});

describe("lstat of nodeFileSystem", () => {
  it("finds nothing under a free name, below a missing directory, and below a file", () => {
    fs.writeFileSync(at("file"), "x");
    expect([files.lstat(at("free")), files.lstat(at("no/where")), files.lstat(at("file/below"))]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("throws what is neither: a name that is too long", () => {
    expect(() => files.lstat(at("n".repeat(5000)))).toThrow(expect.objectContaining({ syscall: "lstat" }));
  });

  it("tells the facts as node:fs has them, identity as bigint", () => {
    fs.writeFileSync(at("file"), "four");
    fs.linkSync(at("file"), at("second"));
    const stats = fs.lstatSync(at("file"), { bigint: true });
    expect(files.lstat(at("file"))).toEqual({
      kind: "file",
      size: 4,
      inode: stats.ino,
      device: stats.dev,
      links: 2,
      modifiedMs: Number(stats.mtimeMs),
      uid: Number(stats.uid),
    });
  });

  it.skipIf(isWindows)("calls neither file, directory nor link `other`", () => {
    expect(files.lstat("/dev/null")?.kind).toBe("other");
    expect(files.readdir("/dev").find(({ name }) => name === "null")?.kind).toBe("other");
  });
});

describe("descriptors of nodeFileSystem", () => {
  it("appends the part of the bytes that is asked for, and reads at a position", () => {
    const fd = files.open(at("file"), O_RDWR | O_CREAT | O_APPEND, 0o640);
    const bytes = Buffer.alloc(3);
    try {
      files.write(fd, Buffer.from("abcdef"), 1, 2);
      files.write(fd, Buffer.from("abcdef"), 4, 2);
      expect(files.read(fd, bytes, 0, 3, 1)).toBe(3);
      expect([bytes.toString(), fs.readFileSync(at("file"), "utf8")]).toEqual(["cef", "bcef"]);
    } finally {
      files.close(fd);
    }
  });

  it.skipIf(process.platform !== "linux")("leaves none open after syncDirectory", () => {
    files.syncDirectory(root);
    expect(descriptorsOf(root)).toBe(0);
  });
});
