import { describe, expect, it } from "vitest";
import { countLines, linesBehind } from "./lines-behind.ts";

const lineOf = (seq: number) => `{"message":"m","seq":${seq},"context":{"seq":1}}\n`;

/** Lines in the middle of shared memory, as a lane holds them. */
function shared(text: string): Uint8Array {
  const bytes = Buffer.from(text);
  const memory = new Uint8Array(new SharedArrayBuffer(bytes.length + 20));
  memory.fill(0x0a);
  memory.set(bytes, 10);
  return memory.subarray(10, 10 + bytes.length);
}

function behind(text: string, lastSeq: number): string {
  return Buffer.from(linesBehind(shared(text), lastSeq)).toString("utf8");
}

describe("linesBehind", () => {
  const lines = [8, 9, 10, 11].map(lineOf);

  it.each([
    [0, 0],
    [7, 0],
    [8, 1],
    [9, 2],
    [10, 3],
    [11, 4],
    [12, 4],
  ])("leaves out the lines up to number %i", (lastSeq, written) => {
    expect(behind(lines.join(""), lastSeq)).toBe(lines.slice(written).join(""));
  });

  it("leaves out nothing behind the first missing line", () => {
    const text = `${lineOf(10)}no entry\n${lineOf(11)}`;
    expect(behind(text, 9)).toBe(text);
  });

  it("passes over a rest of a line in front, which is of no use alone", () => {
    expect(behind(`"}}\n${lineOf(9)}`, 8)).toBe(lineOf(9));
  });

  it("keeps a line without its end", () => {
    expect(behind(`${lineOf(8)}{"mess`, 8)).toBe('{"mess');
  });

  it("is a view of the same memory", () => {
    const bytes = shared(lines.join(""));
    const rest = linesBehind(bytes, 9);
    expect([rest.buffer === bytes.buffer, linesBehind(bytes, 99).length]).toEqual([true, 0]);
  });
});

describe("countLines", () => {
  it.each([
    ["", 0],
    ["a\nb\n", 2],
    ["\n\n", 2],
    ["a\nb", 1],
  ])("counts the whole lines of %j", (text, count) => {
    expect(countLines(shared(text))).toBe(count);
  });
});
