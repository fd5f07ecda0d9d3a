import { constants } from "node:fs";
import type { FileSystem } from "@waybill/protocols";
import type { FileSystemConformanceSubject } from "./file-system-conformance.ts";
import type { ConformanceRunner } from "./runner.ts";

/** Flags as the write path opens an active segment. */
export const appendFlags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT;

/** One test at work: a file system, a directory of its own, and shorthands. */
export interface Workplace {
  readonly files: FileSystem;
  /** A path in the directory of this test. */
  at(name: string): string;
  symlink(target: string, path: string): void;
  /** Opens, writes all, closes. Appends when the file exists. */
  append(path: string, text: string): void;
  /** Everything in a file, as text. */
  text(path: string): string;
  names(path: string): string[];
  /** `ok`, or the code that a call throws. */
  outcome(call: () => unknown): string;
}

/** Declares tests, each with a {@link Workplace}. */
export interface Bench {
  readonly runner: ConformanceRunner;
  readonly hasSymlinks: boolean;
  test(name: string, body: (place: Workplace) => void): void;
}

function outcome(call: () => unknown): string {
  try {
    call();
    return "ok";
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  }
}

function refuseSymlink(): never {
  throw new Error("this file system was given no way to make symbolic links");
}

function createWorkplace(
  files: FileSystem,
  directory: string,
  symlink: NonNullable<FileSystemConformanceSubject["symlink"]>,
): Workplace {
  files.mkdir(directory, 0o750);
  return {
    files,
    at: (name) => `${directory}/${name}`,
    symlink: (target, path) => symlink(files, target, path),
    append(path, text) {
      const fd = files.open(path, appendFlags, 0o640);
      const bytes = Buffer.from(text);
      files.write(fd, bytes, 0, bytes.length);
      files.close(fd);
    },
    text(path) {
      const fd = files.open(path, constants.O_RDONLY, 0);
      const bytes = Buffer.alloc(files.stat(fd).size);
      files.read(fd, bytes, 0, bytes.length, 0);
      files.close(fd);
      return bytes.toString("utf8");
    },
    names: (path) =>
      files
        .readdir(path)
        .map((entry) => entry.name)
        .sort(),
    outcome,
  };
}

export function createBench(runner: ConformanceRunner, subject: FileSystemConformanceSubject): Bench {
  const { create, root, symlink = refuseSymlink } = subject;
  let tests = 0;
  return {
    runner,
    hasSymlinks: subject.symlink !== undefined,
    test(name, body) {
      runner.it(name, () => {
        tests += 1;
        const base = typeof root === "string" ? root : root();
        body(createWorkplace(create(), `${base}/conformance-${tests}`, symlink));
      });
    },
  };
}
