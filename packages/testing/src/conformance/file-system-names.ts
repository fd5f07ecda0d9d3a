import { constants } from "node:fs";
import { appendFlags, type Bench } from "./file-system-bench.ts";

const { O_CREAT, O_DIRECTORY = 0, O_RDONLY, O_RDWR } = constants;

function declareDirectories({ runner: { expect }, test }: Bench): void {
  test("creates a directory, takes an existing one for done, and refuses the name of a file", ({
    files,
    at,
    append,
    outcome,
  }) => {
    append(at("file"), "x");
    expect(outcome(() => files.mkdir(at("d"), 0o750))).toBe("ok");
    expect(outcome(() => files.mkdir(at("d"), 0o750))).toBe("ok");
    expect(outcome(() => files.mkdir(at("file"), 0o750))).toBe("EEXIST");
    expect(outcome(() => files.mkdir(at("no/where"), 0o750))).toBe("ENOENT");
    expect(outcome(() => files.mkdir(at("file/below"), 0o750))).toBe("ENOTDIR");
    expect([files.lstat(at("d"))?.kind, files.lstat(at("file"))?.kind]).toEqual(["directory", "file"]);
  });

  test("lists names with their kinds", ({ files, at, append, outcome }) => {
    files.mkdir(at("d"), 0o750);
    files.mkdir(at("d/sub"), 0o750);
    append(at("d/file"), "x");
    const listed = files.readdir(at("d")).sort((a, b) => (a.name < b.name ? -1 : 1));
    expect(listed.map(({ name, kind }) => ({ name, kind }))).toEqual([
      { name: "file", kind: "file" },
      { name: "sub", kind: "directory" },
    ]);
    expect(outcome(() => files.readdir(at("missing")))).toBe("ENOENT");
    expect(outcome(() => files.readdir(at("d/file")))).toBe("ENOTDIR");
  });

  test("opens a directory for reading only, and reads no bytes from it", ({ files, at, append, outcome }) => {
    files.mkdir(at("d"), 0o750);
    append(at("file"), "x");
    const fd = files.open(at("d"), O_RDONLY | O_DIRECTORY, 0);
    expect(files.stat(fd).kind).toBe("directory");
    expect(outcome(() => files.read(fd, Buffer.alloc(1), 0, 1, 0))).toBe("EISDIR");
    expect(outcome(() => files.sync(fd))).toBe("ok");
    files.close(fd);
    expect(outcome(() => files.open(at("d"), O_RDWR, 0))).toBe("EISDIR");
    expect(outcome(() => files.open(at("d"), O_RDONLY | O_CREAT, 0o640))).toBe("EISDIR");
    expect(outcome(() => files.open(at("file"), O_RDONLY | O_DIRECTORY, 0))).toBe("ENOTDIR");
    expect(outcome(() => files.open(at("file/"), O_RDONLY, 0))).toBe("ENOTDIR");
  });

  test("removes an empty directory only", ({ files, at, append, names, outcome }) => {
    for (const name of ["d", "d/sub"]) files.mkdir(at(name), 0o750);
    append(at("file"), "x");
    expect(["ENOTEMPTY", "EEXIST"].includes(outcome(() => files.rmdir(at("d"))))).toBe(true);
    expect(outcome(() => files.rmdir(at("file")))).toBe("ENOTDIR");
    expect(outcome(() => files.rmdir(at("missing")))).toBe("ENOENT");
    expect(outcome(() => files.rmdir(at("d/sub")))).toBe("ok");
    expect(names(at("d"))).toEqual([]);
  });

  test("syncs a directory that exists and refuses one that does not", ({ files, at, outcome }) => {
    files.mkdir(at("d"), 0o750);
    expect(outcome(() => files.syncDirectory(at("d")))).toBe("ok");
    expect(outcome(() => files.syncDirectory(at("missing")))).toBe("ENOENT");
  });
}

function declareLookup({ runner: { expect }, test }: Bench): void {
  test("tells the same of a file by descriptor and by name", ({ files, at }) => {
    const fd = files.open(at("a"), appendFlags, 0o640);
    files.write(fd, Buffer.from("abc"), 0, 3);
    const [opened, named] = [files.stat(fd), files.lstat(at("a"))];
    expect(named).toEqual(opened);
    expect({ kind: opened.kind, size: opened.size, links: opened.links }).toEqual({
      kind: "file",
      size: 3,
      links: 1,
    });
    files.close(fd);
  });

  test("finds nothing under a free name, nor below a file", ({ files, at, append }) => {
    append(at("file"), "x");
    expect(files.lstat(at("missing"))).toBe(undefined);
    expect(files.lstat(at("missing/deep"))).toBe(undefined);
    expect(files.lstat(at("file/below"))).toBe(undefined);
    expect(files.lstat(at("file/below/deep"))).toBe(undefined);
  });

  test("resolves dots and doubled slashes in paths", ({ files, at, append, text }) => {
    files.mkdir(at("d"), 0o750);
    append(at("d/../d/./a"), "x");
    expect(text(at("d//a"))).toBe("x");
  });
}

function declareRename({ runner: { expect }, test }: Bench): void {
  test("renames over an existing file, which lives on while it is open", ({ files, at, append, text }) => {
    append(at("new"), "new");
    append(at("old"), "old");
    const fd = files.open(at("old"), O_RDONLY, 0);
    files.rename(at("new"), at("old"));
    const bytes = Buffer.alloc(3);
    files.read(fd, bytes, 0, 3, 0);
    expect({ text: text(at("old")), bytes: bytes.toString(), links: files.stat(fd).links }).toEqual({
      text: "new",
      bytes: "old",
      links: 0,
    });
    expect(files.lstat(at("new"))).toBe(undefined);
    files.close(fd);
  });

  test("keeps the inode over a rename to another directory", ({ files, at, append }) => {
    files.mkdir(at("d"), 0o750);
    append(at("a"), "x");
    const before = files.lstat(at("a"))?.inode;
    files.rename(at("a"), at("d/b"));
    expect(files.lstat(at("d/b"))?.inode).toBe(before);
  });

  test("moves a directory with everything in it, over an empty one too", ({
    files,
    at,
    append,
    text,
    names,
  }) => {
    for (const name of ["d", "d/sub", "empty", "target"]) files.mkdir(at(name), 0o750);
    append(at("d/sub/a"), "x");
    files.rename(at("d"), at("empty"));
    files.rename(at("empty/sub"), at("target/sub"));
    expect(text(at("target/sub/../sub/a"))).toBe("x");
    expect(names(at("empty"))).toEqual([]);
  });

  test("refuses renames that make no sense", ({ files, at, append, outcome }) => {
    files.mkdir(at("d"), 0o750);
    files.mkdir(at("full"), 0o750);
    append(at("full/a"), "x");
    append(at("file"), "x");
    expect(outcome(() => files.rename(at("missing"), at("b")))).toBe("ENOENT");
    expect(outcome(() => files.rename(at("file"), at("no/where")))).toBe("ENOENT");
    expect(outcome(() => files.rename(at("file"), at("d")))).toBe("EISDIR");
    expect(outcome(() => files.rename(at("d"), at("file")))).toBe("ENOTDIR");
    expect(outcome(() => files.rename(at("d"), at("d/inside")))).toBe("EINVAL");
    expect(["ENOTEMPTY", "EEXIST"].includes(outcome(() => files.rename(at("d"), at("full"))))).toBe(true);
  });
}

export function declareNames(bench: Bench): void {
  declareDirectories(bench);
  declareLookup(bench);
  declareRename(bench);
}
