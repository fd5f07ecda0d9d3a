import { describe, expect, it } from "vitest";
import { countLines, parsedLines } from "./tree-lines.ts";

describe("countLines", () => {
  it("counts whole JSON lines", () => {
    expect(countLines(Buffer.from('{"a":1}\n{"b":2}\n'))).toEqual({ valid: 2, broken: 0 });
  });

  it("counts a line that is no JSON object as broken", () => {
    expect(countLines(Buffer.from('{"a":1}\n{"b":\n7\n'))).toEqual({ valid: 1, broken: 2 });
  });

  it("counts a last line without its end as broken, even when it parses", () => {
    expect(countLines(Buffer.from('{"a":1}\n{"b":2}'))).toEqual({ valid: 1, broken: 1 });
  });

  it("counts nothing in an empty file", () => {
    expect(countLines(Buffer.alloc(0))).toEqual({ valid: 0, broken: 0 });
  });
});

describe("parsedLines", () => {
  it("gives the objects in their order", () => {
    expect([...parsedLines(Buffer.from('{"a":1}\nx\n{"b":"é"}\n'))]).toEqual([
      { a: 1 },
      undefined,
      { b: "é" },
    ]);
  });
});
