import { describe, expect, it } from "vitest";
import { formatCheckedLine, parseCheckedLine } from "./checked-line.ts";

describe("a checked line", () => {
  const fields = { v: 1, file: 'a "b"\n', at: undefined, list: [1, { "}": null }] };
  const line = formatCheckedLine(fields);

  it("is one object on one line, behind its checksum", () => {
    expect(line).toBe('{"crc":"4a2e371b","v":1,"file":"a \\"b\\"\\n","list":[1,{"}":null}]}');
  });

  it("is read back as it was written, without the checksum", () => {
    expect(parseCheckedLine(line)).toEqual({ v: 1, file: 'a "b"\n', list: [1, { "}": null }] });
  });

  it("is refused when it is cut, or a character of it is another one, or one is added", () => {
    const damaged = [...line].flatMap((character, at) => {
      const other = character === "0" ? "1" : "0";
      return [
        line.slice(0, at),
        line.slice(0, at) + other + line.slice(at + 1),
        line.slice(0, at) + other + line.slice(at),
      ];
    });
    expect(damaged.filter((text) => parseCheckedLine(text) !== undefined)).toEqual([]);
    expect([parseCheckedLine(""), parseCheckedLine(`${line}\n`)]).toEqual([undefined, undefined]);
  });
});
