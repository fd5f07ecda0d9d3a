import { constants } from "node:fs";
import { appendFlags, type Bench, type Workplace } from "./file-system-bench.ts";

const { O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } = constants;

function declareWriting({ runner: { expect }, test }: Bench): void {
  test("appends at the end, whoever else appends", ({ files, at, append, text }) => {
    const fd = files.open(at("a"), appendFlags, 0o640);
    files.write(fd, Buffer.from("one "), 0, 4);
    append(at("a"), "two ");
    files.write(fd, Buffer.from("three"), 0, 5);
    files.close(fd);
    expect(text(at("a"))).toBe("one two three");
  });

  test("writes from an own position without O_APPEND", ({ files, at, append, text }) => {
    append(at("a"), "abcdef");
    const fd = files.open(at("a"), O_WRONLY, 0);
    files.write(fd, Buffer.from("12"), 0, 2);
    files.write(fd, Buffer.from("3"), 0, 1);
    files.close(fd);
    expect(text(at("a"))).toBe("123def");
  });

  test("writes and reads only the asked part of a buffer", ({ files, at }) => {
    const fd = files.open(at("a"), appendFlags, 0o640);
    expect(files.write(fd, Buffer.from("abcdef"), 2, 3)).toBe(3);
    const bytes = Buffer.from("......");
    expect(files.read(fd, bytes, 1, 2, 1)).toBe(2);
    expect(bytes.toString()).toBe(".de...");
    files.close(fd);
  });

  test("reads short at the end and nothing beyond", ({ files, at }) => {
    const fd = files.open(at("a"), appendFlags, 0o640);
    files.write(fd, Buffer.from("abc"), 0, 3);
    const bytes = Buffer.alloc(10);
    expect([0, 2, 3, 99].map((position) => files.read(fd, bytes, 0, 10, position))).toEqual([3, 1, 0, 0]);
    files.close(fd);
  });

  test("refuses to write more than the buffer holds", ({ files, at, outcome }) => {
    const fd = files.open(at("a"), appendFlags, 0o640);
    expect(outcome(() => files.write(fd, Buffer.from("abc"), 1, 3))).toBe("ERR_OUT_OF_RANGE");
    files.close(fd);
  });

  test("truncates, and fills with zeros when it grows again", ({ files, at, text }) => {
    const fd = files.open(at("a"), appendFlags, 0o640);
    files.write(fd, Buffer.from("abcdef"), 0, 6);
    files.truncate(fd, 2);
    files.truncate(fd, 4);
    files.write(fd, Buffer.from("x"), 0, 1);
    expect(files.stat(fd).size).toBe(5);
    files.close(fd);
    expect(text(at("a"))).toBe("ab\0\0x");
  });
}

function declareOpening({ runner: { expect }, test }: Bench): void {
  test("opens what exists and creates what does not", ({ files, at, append, outcome }) => {
    append(at("a"), "kept");
    expect(outcome(() => files.open(at("missing"), O_RDWR, 0))).toBe("ENOENT");
    expect(outcome(() => files.open(at("no/where"), appendFlags, 0o640))).toBe("ENOENT");
    expect(outcome(() => files.open(at("a/below"), appendFlags, 0o640))).toBe("ENOTDIR");
    expect(outcome(() => files.open(at("a"), O_RDWR | O_CREAT | O_EXCL, 0o640))).toBe("EEXIST");
    expect(outcome(() => files.close(files.open(at("b"), O_RDWR | O_CREAT | O_EXCL, 0o640)))).toBe("ok");
  });

  test("empties a file with O_TRUNC and keeps its inode", ({ files, at, append, text }) => {
    append(at("a"), "old");
    const before = files.lstat(at("a"))?.inode;
    files.close(files.open(at("a"), O_WRONLY | O_TRUNC, 0));
    expect(text(at("a"))).toBe("");
    expect(files.lstat(at("a"))?.inode).toBe(before);
  });

  test("gives a new descriptor to each open, and frees it by close", ({ files, at, append }) => {
    append(at("a"), "x");
    const [first, second] = [files.open(at("a"), O_RDONLY, 0), files.open(at("a"), O_RDONLY, 0)];
    expect(first === second).toBe(false);
    files.close(first);
    expect(files.read(second, Buffer.alloc(1), 0, 1, 0)).toBe(1);
    files.close(second);
  });

  test("refuses a path with a NUL and a name of 256 bytes", ({ files, at, append, outcome }) => {
    expect(outcome(() => files.open(at("a\0b"), appendFlags, 0o640))).toBe("ERR_INVALID_ARG_VALUE");
    expect(outcome(() => files.open(at("x".repeat(256)), appendFlags, 0o640))).toBe("ENAMETOOLONG");
    expect(outcome(() => append(at("x".repeat(255)), "ok"))).toBe("ok");
  });
}

/** A number that no process hands out; one just closed may already be a file of another thread. */
const neverOpen = 999_999;

function useUnopened({ files, outcome }: Workplace): string[] {
  const bytes = Buffer.alloc(1);
  return [
    outcome(() => files.write(neverOpen, bytes, 0, 1)),
    outcome(() => files.read(neverOpen, bytes, 0, 1, 0)),
    outcome(() => files.truncate(neverOpen, 0)),
    outcome(() => files.sync(neverOpen)),
    outcome(() => files.stat(neverOpen)),
  ];
}

function declareMisuse({ runner: { expect }, test }: Bench): void {
  test("refuses every call on a descriptor that is not open", (place) => {
    expect(useUnopened(place)).toEqual(["EBADF", "EBADF", "EBADF", "EBADF", "EBADF"]);
  });

  test("refuses to write what was opened for reading, and the reverse", ({ files, at, append, outcome }) => {
    append(at("a"), "abc");
    const reading = files.open(at("a"), O_RDONLY, 0);
    const writing = files.open(at("a"), O_WRONLY, 0);
    expect(outcome(() => files.write(reading, Buffer.alloc(1), 0, 1))).toBe("EBADF");
    expect(outcome(() => files.truncate(reading, 0))).toBe("EINVAL");
    expect(outcome(() => files.read(writing, Buffer.alloc(1), 0, 1, 0))).toBe("EBADF");
    files.close(reading);
    files.close(writing);
  });

  test("throws errors with code, errno, system call and path", ({ files, at, outcome }) => {
    let caught: unknown;
    expect(
      outcome(() => {
        try {
          files.open(at("missing"), O_RDONLY, 0);
        } catch (error) {
          caught = error;
          throw error;
        }
      }),
    ).toBe("ENOENT");
    const { message, code, errno, syscall, path } = caught as NodeJS.ErrnoException;
    expect({ message, code, syscall, path, isNegative: (errno ?? 0) < 0 }).toEqual({
      message: `ENOENT: no such file or directory, open '${at("missing")}'`,
      code: "ENOENT",
      syscall: "open",
      path: at("missing"),
      isNegative: true,
    });
  });
}

export function declareDescriptors(bench: Bench): void {
  declareWriting(bench);
  declareOpening(bench);
  declareMisuse(bench);
}
