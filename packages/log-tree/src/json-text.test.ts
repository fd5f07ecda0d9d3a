import { describe, expect, it } from "vitest";
import { textOf } from "../test/support/encoded-entry.ts";
import { ByteBuffer } from "./byte-buffer.ts";
import { appendAscii, appendJsonString } from "./json-text.ts";

function stringJson(text: string, unitsMax = Number.MAX_SAFE_INTEGER): string {
  const into = new ByteBuffer();
  appendJsonString(into, text, unitsMax);
  return textOf(into);
}

const everyUnit = Array.from({ length: 0x10000 }, (_, unit) => String.fromCharCode(unit));

/** The units that may not stand raw in a log line. */
function isForbiddenRaw(unit: number): boolean {
  return (
    unit < 0x20 ||
    (unit >= 0x7f && unit <= 0x9f) ||
    [0x61c, 0x200e, 0x200f, 0xfeff].includes(unit) ||
    (unit >= 0x2028 && unit <= 0x202e) ||
    (unit >= 0x2066 && unit <= 0x2069)
  );
}

describe("JSON string", () => {
  it.each([
    ["alone", (unit: string) => unit],
    ["within clean text", (unit: string) => `ab${unit}cd`],
    ["within long text", (unit: string) => `${"x".repeat(150)}${unit}${"y".repeat(10)}`],
  ])("is read back as it was, for each of the 65,536 units %s", (_, around) => {
    const wrong = everyUnit.filter((unit) => JSON.parse(stringJson(around(unit))) !== around(unit));
    expect(wrong).toEqual([]);
  });

  it("shows no control, line-breaking or bidirectional unit raw", () => {
    const raw = everyUnit.filter(
      (unit) => stringJson(unit).includes(unit) && isForbiddenRaw(unit.charCodeAt(0)),
    );
    expect(raw).toEqual([]);
  });

  it("shows every other unit of a letter or sign raw, in UTF-8", () => {
    expect(stringJson("naïve ≤ 東京 𝄞 😀")).toBe('"naïve ≤ 東京 𝄞 😀"');
  });

  it("uses the short escapes", () => {
    expect(stringJson('\b\f\n\r\t"\\/')).toBe('"\\b\\f\\n\\r\\t\\"\\\\/"');
  });

  it("escapes a lone surrogate and keeps a pair", () => {
    expect(stringJson("\ud83d\ude00\ud83d")).toBe('"\ud83d\ude00\\ud83d"');
    expect(stringJson("\ude00\ud83dx")).toBe('"\\ude00\\ud83dx"');
    expect(stringJson("\ud83d\ud83d\ude00")).toBe('"\\ud83d\ud83d\ude00"');
  });

  it("tells what is beyond the cap", () => {
    expect(stringJson("abcdef", 4)).toBe('"abcd…[+2]"');
    expect(stringJson("abcd", 4)).toBe('"abcd"');
    expect(stringJson("ab\nd\u{1}f", 4)).toBe('"ab\\nd…[+2]"');
  });

  it.each([63, 64, 65])("tells what is beyond a cap of %i units, where copying changes its way", (cap) => {
    const kept = "k".repeat(cap);
    expect(stringJson(`${kept}\n`, cap)).toBe(`"${kept}…[+1]"`);
    expect(stringJson(`${kept}`, cap)).toBe(`"${kept}"`);
  });

  it("does not tear a surrogate pair at the cap", () => {
    expect(stringJson("ab😀c", 3)).toBe('"ab…[+3]"');
    expect(stringJson("ab😀c", 4)).toBe('"ab😀…[+1]"');
  });

  it("appends behind what is there", () => {
    const into = new ByteBuffer();
    appendAscii(into, "x:");
    appendJsonString(into, "é".repeat(300), 1000);
    appendAscii(into, ";");
    expect(textOf(into)).toBe(`x:"${"é".repeat(300)}";`);
  });
});
