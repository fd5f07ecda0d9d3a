import { describe, expect, it } from "vitest";
import { createLineBuffer, type LineBufferOptions } from "./line-buffer.ts";

/** Feeds a text in pieces and returns what came out. */
function cutLines(text: string, pieceBytes: number, options: LineBufferOptions) {
  const buffer = createLineBuffer(options);
  const input = Buffer.from(text);
  const lines: { line: string; offset: number }[] = [];
  for (let at = 0; at < input.length; ) {
    const copied = input.copy(buffer.space(), 0, at, at + pieceBytes);
    at += copied;
    const { bytes, offset, ranges } = buffer.accept(copied);
    for (let index = 0; index < ranges.length; index += 2) {
      const [start = 0, end = 0] = ranges.slice(index, index + 2);
      lines.push({ line: bytes.toString("utf8", start, end), offset: offset + start });
    }
  }
  return { lines, oversized: buffer.oversizedLines, torn: buffer.tornBytes };
}

describe("createLineBuffer", () => {
  it.each([1, 2, 3, 7, 100])(
    "cuts the same lines from pieces of %d bytes, with their positions",
    (pieceBytes) => {
      const { lines, torn } = cutLines("one\n\nthree é\ntorn", pieceBytes, { chunkBytes: 4 });
      expect(lines).toEqual([
        { line: "one", offset: 0 },
        { line: "", offset: 4 },
        { line: "three é", offset: 5 },
      ]);
      expect(torn).toBe(4);
    },
  );

  it.each([1, 3, 64])(
    "passes over a line above the limit and goes on after it (pieces of %d bytes)",
    (pieceBytes) => {
      const text = `a\n${"x".repeat(11)}\n${"y".repeat(10)}\nb\n`;
      const { lines, oversized, torn } = cutLines(text, pieceBytes, { chunkBytes: 4, lineBytesMax: 10 });
      expect(lines.map(({ line }) => line)).toEqual(["a", "y".repeat(10), "b"]);
      expect(lines.at(-1)?.offset).toBe(25);
      expect([oversized, torn]).toEqual([1, 0]);
    },
  );

  it("does not keep a line without end in memory", () => {
    const buffer = createLineBuffer({ chunkBytes: 16, lineBytesMax: 64 });
    let largest = 0;
    for (let count = 0; count < 1000; count += 1) {
      const space = buffer.space();
      largest = Math.max(largest, space.fill("x").length);
      buffer.accept(space.length);
    }
    expect(largest).toBeLessThanOrEqual(80);
    expect(buffer.oversizedLines).toBe(1);
  });
});
