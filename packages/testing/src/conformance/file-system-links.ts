import { constants } from "node:fs";
import { appendFlags, type Bench } from "./file-system-bench.ts";

const { O_CREAT, O_DIRECTORY = 0, O_EXCL, O_NOFOLLOW = 0, O_RDONLY, O_RDWR } = constants;

function declareHardLinks({ runner: { expect }, test }: Bench): void {
  test("gives a file a second name, never over an existing one", ({ files, at, append, text, outcome }) => {
    append(at("a"), "one ");
    files.link(at("a"), at("b"));
    append(at("b"), "two");
    expect(text(at("a"))).toBe("one two");
    expect(files.lstat(at("a"))?.links).toBe(2);
    expect(files.lstat(at("a"))?.inode).toBe(files.lstat(at("b"))?.inode);
    expect(outcome(() => files.link(at("a"), at("b")))).toBe("EEXIST");
    expect(outcome(() => files.link(at("missing"), at("c")))).toBe("ENOENT");
    expect(outcome(() => files.link(at("a"), at("no/where")))).toBe("ENOENT");
  });

  test("refuses hard links to directories", ({ files, at, outcome }) => {
    files.mkdir(at("d"), 0o750);
    expect(outcome(() => files.link(at("d"), at("e")))).toBe("EPERM");
  });

  test("leaves both names when one is renamed to the other", ({ files, at, append, names }) => {
    files.mkdir(at("d"), 0o750);
    append(at("d/a"), "x");
    files.link(at("d/a"), at("d/b"));
    files.rename(at("d/a"), at("d/b"));
    expect(names(at("d"))).toEqual(["a", "b"]);
  });

  test("seals by link and unlink without a moment in which the bytes have no name", (place) => {
    const { files, at, append, text } = place;
    append(at("active"), "entry");
    files.link(at("active"), at("sealed"));
    files.unlink(at("active"));
    append(at("active"), "next");
    expect([text(at("sealed")), text(at("active"))]).toEqual(["entry", "next"]);
    expect(files.lstat(at("sealed"))?.links).toBe(1);
  });
}

function declareUnlink({ runner: { expect }, test }: Bench): void {
  test("keeps an unlinked file alive for its descriptors", ({ files, at }) => {
    const fd = files.open(at("a"), appendFlags, 0o640);
    files.write(fd, Buffer.from("abc"), 0, 3);
    files.unlink(at("a"));
    files.write(fd, Buffer.from("def"), 0, 3);
    files.sync(fd);
    const bytes = Buffer.alloc(6);
    files.read(fd, bytes, 0, 6, 0);
    expect({ text: bytes.toString(), links: files.stat(fd).links }).toEqual({ text: "abcdef", links: 0 });
    files.close(fd);
  });

  test("gives a file of the same name another inode while the old one is open", ({ files, at, append }) => {
    const fd = files.open(at("a"), appendFlags, 0o640);
    files.unlink(at("a"));
    append(at("a"), "new");
    expect(files.lstat(at("a"))?.inode === files.stat(fd).inode).toBe(false);
    expect(files.stat(fd).size).toBe(0);
    files.close(fd);
  });

  test("refuses to unlink what is missing or a directory", ({ files, at, outcome }) => {
    files.mkdir(at("d"), 0o750);
    expect(outcome(() => files.unlink(at("missing")))).toBe("ENOENT");
    expect(["EISDIR", "EPERM"].includes(outcome(() => files.unlink(at("d"))))).toBe(true);
  });
}

function declareSymlinks({ runner: { expect }, test }: Bench): void {
  test("reports a symbolic link as a link, never as its target", ({ files, at, append, symlink }) => {
    files.mkdir(at("d"), 0o750);
    append(at("target"), "x");
    symlink("../target", at("d/link"));
    expect(files.lstat(at("d/link"))?.kind).toBe("link");
    expect(files.readdir(at("d")).map(({ name, kind }) => ({ name, kind }))).toEqual([
      { name: "link", kind: "link" },
    ]);
  });

  test("does not open through a link with O_NOFOLLOW", ({ files, at, append, symlink, outcome, text }) => {
    files.mkdir(at("d"), 0o750);
    append(at("victim"), "untouched");
    symlink("victim", at("link"));
    symlink("d", at("directory-link"));
    expect(outcome(() => files.open(at("link"), appendFlags | O_NOFOLLOW, 0o640))).toBe("ELOOP");
    expect(outcome(() => files.open(at("link"), O_RDWR | O_CREAT | O_EXCL, 0o640))).toBe("EEXIST");
    const asDirectory = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
    expect(outcome(() => files.open(at("directory-link"), asDirectory, 0))).toBe("ENOTDIR");
    expect(text(at("link"))).toBe("untouched");
  });

  test("follows links on the way, creates through dangling ones, and ends loops", (place) => {
    const { files, at, append, symlink, text, outcome } = place;
    files.mkdir(at("d"), 0o750);
    symlink("d", at("way"));
    symlink("made", at("dangling"));
    symlink("loop", at("loop"));
    append(at("way/a"), "x");
    append(at("dangling"), "y");
    expect([text(at("d/a")), text(at("made"))]).toEqual(["x", "y"]);
    expect(outcome(() => files.open(at("loop"), O_RDONLY, 0))).toBe("ELOOP");
    expect(outcome(() => files.readdir(at("way")))).toBe("ok");
  });

  test("takes no link for an existing directory", ({ files, at, symlink, outcome }) => {
    files.mkdir(at("d"), 0o750);
    symlink("d", at("link"));
    symlink("nowhere", at("dangling"));
    expect(outcome(() => files.mkdir(at("link"), 0o750))).toBe("EEXIST");
    expect(outcome(() => files.mkdir(at("dangling"), 0o750))).toBe("EEXIST");
    expect(files.lstat(at("nowhere"))).toBe(undefined);
  });

  test("renames and unlinks the link itself", ({ files, at, append, symlink, text }) => {
    append(at("target"), "x");
    symlink("target", at("link"));
    files.rename(at("link"), at("moved"));
    expect(files.lstat(at("moved"))?.kind).toBe("link");
    files.unlink(at("moved"));
    expect(text(at("target"))).toBe("x");
  });
}

export function declareLinks(bench: Bench): void {
  declareHardLinks(bench);
  declareUnlink(bench);
  if (bench.hasSymlinks) declareSymlinks(bench);
}
