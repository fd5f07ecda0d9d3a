import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { gzipSync } from "node:zlib";
import { nodeFileSystem } from "@waybill/protocols";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { statSegment } from "../../src/inventory.ts";
import { readEntries } from "../../src/merge-entries.ts";
import { readSegment } from "../../src/read-segment.ts";
import type { Segment } from "../../src/segment.ts";
import { parseSegmentName } from "../../src/segment-name.ts";
import { createTreeLayout } from "../../src/tree-layout.ts";
import { collect, sampleLine } from "../support/sample-lines.ts";
import { useTemporaryDirectories } from "../support/temporary-directory.ts";

const temporaryDirectory = useTemporaryDirectories();
const runs = { seed: 20261122, numRuns: 60 };

/** Pieces of a damaged file. */
const damage = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc.constantFrom("\n", "\u0000", "{", '{"a":1}\n').map((text) => new Uint8Array(Buffer.from(text))),
  fc.integer({ min: 1, max: 9 }).map((seq) => new Uint8Array(Buffer.from(sampleLine(seq)))),
);

describe("readSegment", () => {
  it("never throws, and accounts for every line, whatever the bytes", async () => {
    const file = path.join(temporaryDirectory(), "a.log");
    await fc.assert(
      fc.asyncProperty(
        fc.array(damage, { maxLength: 20 }),
        fc.integer({ min: 1, max: 300 }),
        async (pieces, chunkBytes) => {
          const bytes = Buffer.concat(pieces);
          writeFileSync(file, bytes);
          const reading = readSegment(file, { chunkBytes });
          const found = await collect(reading);
          const { report } = reading;
          expect(report.lines).toBe(bytes.filter((byte) => byte === 10).length);
          expect(report.entries).toBe(found.length);
          expect(report.bytes).toBe(bytes.length);
          expect(report.tornBytes).toBe(bytes.length - bytes.lastIndexOf(10) - 1);
          expect(report.entries + report.invalidLines).toBeGreaterThanOrEqual(report.lines);
          for (const { line, offset } of found)
            expect(bytes.toString("utf8", offset, offset + Buffer.byteLength(line))).toBe(line);
        },
      ),
      runs,
    );
  });

  it("never throws for a .gz with any bytes replaced or cut", async () => {
    const file = path.join(temporaryDirectory(), "a.log.gz");
    const whole = gzipSync(Array.from({ length: 50 }, (_unused, index) => sampleLine(index + 1)).join(""));
    const position = fc.integer({ min: 0, max: whole.length - 1 });
    await fc.assert(
      fc.asyncProperty(position, fc.integer({ min: 0, max: 255 }), position, async (at, value, cut) => {
        const bytes = Buffer.from(whole.subarray(0, cut));
        bytes[at] = value;
        writeFileSync(file, bytes);
        const reading = readSegment(file);
        await collect(reading);
        expect(reading.report.problemsTotal).toBeGreaterThan(0);
      }),
      runs,
    );
  });
});

describe("readEntries", () => {
  it("gives what sorting gives: by time that never falls within a stream, then container, component, seq", async () => {
    const root = temporaryDirectory();
    const layout = createTreeLayout(root);
    const stream = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 15 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(stream, { maxLength: 8 }),
        fc.integer({ min: 50, max: 2000 }),
        async (streams, chunkBytes) => {
          const expected: { atMs: number; name: string; seq: number }[] = [];
          const segments = streams.flatMap((times, index): Segment[] => {
            const name = `c${index}`;
            let atMs = 0;
            times.forEach((time, at) => {
              atMs = Math.max(atMs, time);
              expected.push({ atMs, name, seq: at + 1 });
            });
            const file = path.join(root, `${name}.log`);
            writeFileSync(
              file,
              times.map((time, at) => sampleLine(at + 1, { atMs: time, container: name })).join(""),
            );
            const location = layout.locate(`containers/${name}/d.log`);
            const segment =
              location &&
              statSegment(
                file,
                { ...location, name: parseSegmentName("d.log") ?? location.name },
                nodeFileSystem,
              );
            return segment === undefined ? [] : [segment];
          });
          expected.sort(
            (a, b) => a.atMs - b.atMs || (a.name < b.name ? -1 : Number(a.name > b.name)) || a.seq - b.seq,
          );
          const merged = await collect(readEntries(segments, { chunkBytes, openFilesMax: 2 }));
          expect(merged.map(({ entry }) => `${entry.containerId} ${entry.seq}`)).toEqual(
            expected.map(({ name, seq }) => `${name} ${seq}`),
          );
        },
      ),
      runs,
    );
  });
});
