import { levels } from "@waybill/protocols";
import { describe, expect, it } from "vitest";
import { sampleEntry, textOf } from "../test/support/encoded-entry.ts";
import { ByteBuffer } from "./byte-buffer.ts";
import { createEntryEncoder } from "./entry-encoder.ts";
import { forEachLine, levelOfLine, renumberLines, seqOfLine } from "./line-bytes.ts";

const forgery = ',"seq":77,\\"seq\\":78,';

/** One line of each level with rising numbers, full of texts that look like numbers. */
function encodeLines(firstSeq: number): ByteBuffer {
  const into = new ByteBuffer();
  const encoder = createEntryEncoder();
  for (const [index, level] of levels.entries()) {
    const source = { containerId: forgery, componentName: "seq" };
    const context = { seq: 99, text: forgery };
    encoder.encode(into, sampleEntry({ level, message: forgery, source, context }), firstSeq + index);
  }
  return into;
}

function boundsOf(buffer: ByteBuffer): [start: number, end: number][] {
  const bounds: [number, number][] = [];
  forEachLine(buffer.bytes, 0, buffer.length, (start, end) => bounds.push([start, end]));
  return bounds;
}

function seqsOf(buffer: ByteBuffer): number[] {
  return boundsOf(buffer).map(([start, end]) => seqOfLine(buffer.bytes, start, end));
}

describe("bytes of lines", () => {
  it("tell the level of each line", () => {
    const lines = encodeLines(1);
    expect(boundsOf(lines).map(([start]) => levelOfLine(lines.bytes, start))).toEqual(levels);
  });

  it("count as CRITICAL where no level can be told", () => {
    expect(levelOfLine(Buffer.from("no line\n"), 0)).toBe("CRITICAL");
  });

  it("tell the number of each line, whatever the texts in it look like", () => {
    expect(seqsOf(encodeLines(997))).toEqual([997, 998, 999, 1000, 1001, 1002]);
  });

  it("tell no number of a line that has none, though the next has one", () => {
    const lines = Buffer.from('{"a":1}\n{"b":1,"seq":5}\n');
    expect([seqOfLine(lines, 0, 8), seqOfLine(lines, 8, lines.length)]).toEqual([0, 5]);
  });

  it("are visited line by line, without a torn last line and nothing before or after the bounds", () => {
    const bytes = Buffer.from("aa\nbbb\n\nc");
    const seen: string[] = [];
    const visit = (start: number, end: number): void => void seen.push(bytes.toString("latin1", start, end));
    forEachLine(bytes, 0, bytes.length, visit);
    forEachLine(bytes, 3, 6, visit);
    forEachLine(bytes, 3, 7, visit);
    expect(seen).toEqual(["aa\n", "bbb\n", "\n", "bbb\n"]);
  });

  it("are the same after renumbering, but for their numbers", () => {
    const renumbered = renumberLines(encodeLines(5), 9_999_995);
    expect(textOf(renumbered)).toBe(textOf(encodeLines(10_000_000)));
  });

  it("keep a line without a number as it is when they are renumbered", () => {
    const lines = new ByteBuffer();
    lines.append(Buffer.from('{"a":1}\n{"b":1,"seq":5}\n{"c":1}\n'));
    expect(textOf(renumberLines(lines, 10))).toBe('{"a":1}\n{"b":1,"seq":15}\n{"c":1}\n');
  });
});
