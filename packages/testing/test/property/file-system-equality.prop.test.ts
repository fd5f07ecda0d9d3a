import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FileSystem, nodeFileSystem } from "@waybill/protocols";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { createFaultyFileSystem } from "../../src/index.ts";

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_RDWR, O_TRUNC } = fs.constants;
const seed = 20_260_101;

/** One call, applied alike to both sides; descriptors are named by the order in which they were opened. */
type Step = (files: FileSystem, root: string, opened: number[]) => unknown;

const name = fc.constantFrom("a", "b", "d", "d/a", "d/b", "e", "e/x", "d/e", "link", "a/x");
const flags = fc.constantFrom(
  O_RDONLY,
  O_RDWR | O_APPEND | O_CREAT,
  O_RDWR | O_CREAT,
  O_RDWR | O_CREAT | O_EXCL,
  O_RDWR | O_CREAT | O_TRUNC,
  O_RDWR | O_APPEND | O_NOFOLLOW,
);

const pathStep: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(name, flags).map(
    ([path, flag]): Step =>
      (files, root, opened) => {
        opened.push(files.open(`${root}/${path}`, flag, 0o640));
      },
  ),
  fc.tuple(name, name).map(
    ([from, to]): Step =>
      (files, root) =>
        files.rename(`${root}/${from}`, `${root}/${to}`),
  ),
  fc.tuple(name, name).map(
    ([from, to]): Step =>
      (files, root) =>
        files.link(`${root}/${from}`, `${root}/${to}`),
  ),
  name.map(
    (path): Step =>
      (files, root) =>
        files.unlink(`${root}/${path}`),
  ),
  name.map(
    (path): Step =>
      (files, root) =>
        files.mkdir(`${root}/${path}`, 0o750),
  ),
  name.map(
    (path): Step =>
      (files, root) =>
        files.rmdir(`${root}/${path}`),
  ),
  name.map(
    (path): Step =>
      (files, root) =>
        files.syncDirectory(`${root}/${path}`),
  ),
  name.map(
    (path): Step =>
      (files, root) => {
        const stat = files.lstat(`${root}/${path}`);
        return stat?.kind === "file" ? [stat.size, stat.links] : stat?.kind;
      },
  ),
  name.map(
    (path): Step =>
      (files, root) =>
        files.readdir(`${root}/${path}`).map((entry) => ({ ...entry })),
  ),
);

function onDescriptor(index: number, use: (files: FileSystem, fd: number) => unknown): Step {
  return (files, _, opened) => {
    const fd = opened[index % Math.max(1, opened.length)];
    return fd === undefined ? "none" : use(files, fd);
  };
}

function readAll(files: FileSystem, fd: number): string {
  const bytes = Buffer.alloc(64);
  return bytes.toString("latin1", 0, files.read(fd, bytes, 0, 64, 0));
}

const descriptorStep: fc.Arbitrary<Step> = fc.oneof(
  fc
    .tuple(fc.nat(9), fc.string({ minLength: 1, maxLength: 5, unit: "grapheme-ascii" }))
    .map(([index, text]) =>
      onDescriptor(index, (files, fd) => files.write(fd, Buffer.from(text), 0, text.length)),
    ),
  fc.nat(9).map((index) => onDescriptor(index, readAll)),
  fc
    .tuple(fc.nat(9), fc.nat(12))
    .map(([index, size]) => onDescriptor(index, (files, fd) => files.truncate(fd, size))),
  fc.nat(9).map((index) => onDescriptor(index, (files, fd) => files.sync(fd))),
  fc.nat(9).map((index) =>
    onDescriptor(index, (files, fd) => {
      const { kind, size, links } = files.stat(fd);
      return kind === "file" ? [size, links] : kind;
    }),
  ),
);

function play(steps: readonly Step[], files: FileSystem, root: string): unknown[] {
  const opened: number[] = [];
  const results = steps.map((step) => {
    try {
      return step(files, root, opened) ?? "ok";
    } catch (error) {
      return error instanceof Error ? error.message.replaceAll(root, "") : error;
    }
  });
  for (const fd of opened) files.close(fd);
  return results;
}

it.skipIf(process.platform !== "linux")(
  "answers any sequence of calls as the file system of Linux does",
  () => {
    const base = fs.mkdtempSync(join(tmpdir(), "waybill-testing-"));
    let runs = 0;
    const equality = fc.property(fc.array(fc.oneof(pathStep, descriptorStep), { maxLength: 40 }), (steps) => {
      runs += 1;
      const root = `${base}/${runs}`;
      fs.mkdirSync(root);
      fs.symlinkSync("d", `${root}/link`);
      const double = createFaultyFileSystem();
      double.outside.symlink("d", "/root/link");
      expect(play(steps, double, "/root")).toEqual(play(steps, nodeFileSystem, root));
    });
    try {
      fc.assert(equality, { seed, numRuns: 400 });
      expect(runs).toBe(400);
    } finally {
      fs.rmSync(base, { recursive: true, force: true });
    }
  },
);
