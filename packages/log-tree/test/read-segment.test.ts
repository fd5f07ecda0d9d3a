import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import * as path from "node:path";
import { gzipSync } from "node:zlib";
import { nodeFileSystem } from "@waybill/protocols";
import { describe, expect, it } from "vitest";
import { listSegments } from "../src/inventory.ts";
import { type ReadOptions, readSegment } from "../src/read-segment.ts";
import type { Segment } from "../src/segment.ts";
import { collect, sampleLine, sampleLines } from "./support/sample-lines.ts";
import { useTemporaryDirectories } from "./support/temporary-directory.ts";

const temporaryDirectory = useTemporaryDirectories();

function fileWith(content: string | Uint8Array, name = "a.log"): string {
  const file = path.join(temporaryDirectory(), name);
  writeFileSync(file, content);
  return file;
}

async function read(segment: string | Segment, options: ReadOptions = {}) {
  const reading = readSegment(segment, options);
  const found = await collect(reading);
  return { found, seqs: found.map(({ entry }) => entry.seq), report: reading.report };
}

/** A text that gzip cannot make small, so that a cut or a flipped byte has much before and behind it. */
function incompressible(count: number): string {
  let state = 1;
  let text = "";
  for (let seq = 1; seq <= count; seq += 1) {
    let message = "";
    for (let index = 0; index < 40; index += 1) {
      state = (state * 48_271) % 2_147_483_647;
      message += state.toString(36);
    }
    text += sampleLine(seq, { message });
  }
  return text;
}

describe("readSegment", () => {
  it("reads every entry with its line and position", async () => {
    const text = sampleLines(1, 3);
    const { found, report } = await read(fileWith(text));
    expect(found.map(({ entry }) => entry.message)).toEqual(["m1", "m2", "m3"]);
    expect(found.map(({ offset, line }) => text.slice(offset, offset + line.length) === line)).toEqual([
      true,
      true,
      true,
    ]);
    expect(report).toMatchObject({
      files: 1,
      filesWhole: 1,
      lines: 3,
      entries: 3,
      bytes: text.length,
      problems: [],
    });
  });

  it.each([1, 7, 100, 4096])("reads the same in pieces of %d bytes", async (chunkBytes) => {
    const { seqs } = await read(fileWith(sampleLines(1, 20)), { chunkBytes });
    expect(seqs).toEqual(Array.from({ length: 20 }, (_unused, index) => index + 1));
  });

  it("reads .gz, also of several members", async () => {
    const file = fileWith(
      Buffer.concat([gzipSync(sampleLines(1, 5000)), gzipSync(sampleLines(5001, 6000))]),
      "a.log.gz",
    );
    const { seqs, report } = await read(file);
    expect([seqs.length, seqs[0], seqs.at(-1)]).toEqual([6000, 1, 6000]);
    expect(report).toMatchObject({ filesWhole: 1, problems: [] });
  });

  it("reads what stands before the cut of a .gz, then reports the cut", async () => {
    const whole = gzipSync(incompressible(2000));
    const { seqs, report } = await read(fileWith(whole.subarray(0, whole.length / 2), "a.log.gz"));
    expect(seqs.length).toBeGreaterThan(950);
    expect(seqs).toEqual(Array.from({ length: seqs.length }, (_unused, index) => index + 1));
    expect(report.problems.map(({ code }) => code)).toEqual(["gzip_cut"]);
  });

  it("reads what stands before the damage of a .gz, then reports it", async () => {
    const bytes = gzipSync(incompressible(2000));
    const middle = bytes.length / 2;
    bytes.fill(0xff, middle, middle + 2000);
    const { seqs, report } = await read(fileWith(bytes, "a.log.gz"));
    // Bytes 0xff in a deflate stream are literals for a while: a few lines more or less.
    expect(seqs.length).toBeGreaterThan(980);
    expect(seqs.slice(0, 980)).toEqual(Array.from({ length: 980 }, (_unused, index) => index + 1));
    expect(report.problems.map(({ code }) => code)).toContain("gzip_corrupt");
  });

  it("reads a .gz whose checksum is wrong, and reports it", async () => {
    const bytes = gzipSync(sampleLines(1, 10));
    bytes[bytes.length - 8] = (bytes[bytes.length - 8] ?? 0) ^ 1;
    const { seqs, report } = await read(fileWith(bytes, "a.log.gz"));
    expect(seqs).toHaveLength(10);
    expect(report.problems.map(({ code }) => code)).toEqual(["gzip_corrupt"]);
  });

  it.each([
    ["an empty", Buffer.alloc(0), "gzip_cut"],
    ["a plain", Buffer.from(sampleLine(1)), "gzip_corrupt"],
  ])("reports %s file that is called .gz", async (_what, bytes, code) => {
    const { report } = await read(fileWith(bytes, "a.log.gz"));
    expect(report.problems.map((problem) => problem.code)).toEqual([code]);
  });

  it.each(["rest", "\u0000".repeat(100)])("reports bytes behind the end of a .gz: %j", async (rest) => {
    const bytes = Buffer.concat([gzipSync(sampleLines(1, 3)), Buffer.from(rest)]);
    const { seqs, report } = await read(fileWith(bytes, "a.log.gz"));
    expect(seqs).toEqual([1, 2, 3]);
    expect(report.problems.map(({ code }) => code)).toEqual(["gzip_corrupt"]);
  });

  it("shows no torn tail, and reports it", async () => {
    const text = sampleLines(1, 2);
    const { seqs, report } = await read(fileWith(text + sampleLine(3).slice(0, -1)));
    expect(seqs).toEqual([1, 2]);
    expect(report).toMatchObject({
      tornBytes: sampleLine(3).length - 1,
      problems: [{ code: "torn_tail", offset: text.length }],
    });
  });

  it("skips and counts lines that are no entries", async () => {
    const text = `${sampleLine(1)}\nno json\n{"a":1}\n${sampleLine(2).slice(0, 40)}${sampleLine(3)}\u00ff\n${sampleLine(4)}`;
    const { seqs, report } = await read(fileWith(text));
    expect(seqs).toEqual([1, 4]);
    expect(report).toMatchObject({
      lines: 7,
      entries: 2,
      invalidLines: 5,
      problems: [{ code: "invalid_lines", count: 5, offset: sampleLine(1).length }],
    });
  });

  it("finds the entry behind a hole of NUL bytes, with its own position", async () => {
    const text = `${sampleLine(1)}${"\u0000".repeat(5000)}${sampleLine(2)}`;
    const { found, seqs, report } = await read(fileWith(text));
    expect(seqs).toEqual([1, 2]);
    expect(found[1]?.offset).toBe(sampleLine(1).length + 5000);
    expect(report.invalidLines).toBe(1);
  });

  it("passes over a line above 8 MiB without keeping it", async () => {
    const text = `${sampleLine(1)}${sampleLine(2, { message: "x".repeat(9 * 1024 * 1024) })}${sampleLine(3)}`;
    const { seqs, report } = await read(fileWith(text));
    expect(seqs).toEqual([1, 3]);
    expect(report).toMatchObject({ oversizedLines: 1, problems: [{ code: "oversized_lines", count: 1 }] });
  });

  it("parses only lines with the wanted bytes", async () => {
    const { seqs, report } = await read(fileWith(sampleLines(1, 100)), { contains: '"m7', chunkBytes: 500 });
    expect(seqs).toEqual([7, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79]);
    expect(report).toMatchObject({ lines: 100, entries: 11, invalidLines: 0 });
  });

  it("does not take wanted bytes that stand across two lines for a match", async () => {
    const { seqs } = await read(fileWith(sampleLines(1, 3)), { contains: '"seq":1}\n{"timestamp"' });
    expect(seqs).toEqual([]);
  });

  it("reports a file that is not there, a directory, and one that may not be read", async () => {
    const directory = temporaryDirectory();
    mkdirSync(path.join(directory, "d.log"));
    const open = (): number => {
      throw Object.assign(new Error("EACCES: denied"), { code: "EACCES" });
    };
    const missing = await read(path.join(directory, "none.log"));
    const notFile = await read(path.join(directory, "d.log"));
    const denied = await read(fileWith(""), { fileSystem: { ...nodeFileSystem, open } });
    expect([missing, notFile, denied].map(({ report }) => report.problems[0]?.code)).toEqual([
      "vanished",
      "unreadable",
      "unreadable",
    ]);
  });

  it("reports a read error, and keeps what was read before", async () => {
    let reads = 0;
    const read5 = (...args: Parameters<typeof nodeFileSystem.read>): number => {
      reads += 1;
      if (reads > 5) throw Object.assign(new Error("EIO: broken"), { code: "EIO" });
      return nodeFileSystem.read(...args);
    };
    const { seqs, report } = await read(fileWith(sampleLines(1, 100)), {
      chunkBytes: 1000,
      fileSystem: { ...nodeFileSystem, read: read5 },
    });
    expect(seqs.length).toBeGreaterThan(10);
    expect(report.problems).toMatchObject([{ code: "unreadable", message: "EIO: broken" }]);
  });

  it("reads a file to its end that is deleted meanwhile", async () => {
    const file = fileWith(sampleLines(1, 100));
    const reading = readSegment(file, { chunkBytes: 500 });
    const iterator = reading[Symbol.asyncIterator]();
    await iterator.next();
    unlinkSync(file);
    const rest = await collect({ [Symbol.asyncIterator]: () => iterator });
    expect(rest).toHaveLength(99);
  });

  it("reports a file that shrinks meanwhile", async () => {
    const file = fileWith(sampleLines(1, 100));
    const reading = readSegment(file, { chunkBytes: 500 });
    const iterator = reading[Symbol.asyncIterator]();
    await iterator.next();
    truncateSync(file, 600);
    await collect({ [Symbol.asyncIterator]: () => iterator });
    expect(reading.report.problems.map(({ code }) => code)).toEqual(["truncated"]);
  });

  it("ends at the size at opening, however fast the writer is", async () => {
    const file = fileWith(sampleLines(1, 10));
    const reading = readSegment(file, { chunkBytes: 100 });
    let last = 0;
    for await (const { entry } of reading) {
      last = entry.seq;
      appendFileSync(file, sampleLine(1000));
    }
    expect(last).toBe(10);
  });

  it("reads the listed segment, though it was sealed and another one is active by now", async () => {
    const root = temporaryDirectory();
    mkdirSync(path.join(root, "system"));
    const active = path.join(root, "system", "a.log");
    writeFileSync(active, sampleLines(1, 3));
    const { segments } = await listSegments(root);
    renameSync(active, path.join(root, "system", "a.20261122T103001123Z-000001.log"));
    writeFileSync(active, sampleLines(4, 5));
    const { seqs } = await read(segments[0] as Segment);
    expect(seqs).toEqual([1, 2, 3]);
  });

  it("reads the .gz of a sealed segment that was compressed since it was listed", async () => {
    const root = temporaryDirectory();
    mkdirSync(path.join(root, "system"));
    const sealed = path.join(root, "system", "a.20261122T103001123Z-000001.log");
    writeFileSync(sealed, sampleLines(1, 3));
    const { segments } = await listSegments(root);
    rmSync(sealed);
    writeFileSync(`${sealed}.gz`, gzipSync(sampleLines(1, 3)));
    const { seqs, report } = await read(segments[0] as Segment);
    expect(seqs).toEqual([1, 2, 3]);
    expect(report.problems).toEqual([]);
  });
});
