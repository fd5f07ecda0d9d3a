import { afterEach, describe, expect, it, vi } from "vitest";
import { isLevel, levelSpellings, levels, parseLevel, severityOf } from "./level.ts";

afterEach(() => vi.restoreAllMocks());

describe("levels", () => {
  it("stand in order of severity, with the severity numbers of OpenTelemetry", () => {
    expect(levels.map((level) => [level, severityOf[level]])).toEqual([
      ["TRACE", 1],
      ["DEBUG", 5],
      ["INFO", 9],
      ["WARNING", 13],
      ["ERROR", 17],
      ["CRITICAL", 21],
    ]);
    expect(Object.keys(severityOf)).toEqual(levels);
  });
});

describe("parseLevel", () => {
  const vocabulary = [
    ["trace", "TRACE"],
    ["debug", "DEBUG"],
    ["info", "INFO"],
    ["warn", "WARNING"],
    ["warning", "WARNING"],
    ["error", "ERROR"],
    ["critical", "CRITICAL"],
    ["fatal", "CRITICAL"],
  ] as const;

  it.each(vocabulary)("reads %s in any case as %s", (word, level) => {
    const mixed = [...word].map((letter, at) => (at % 2 === 0 ? letter.toUpperCase() : letter)).join("");
    expect([word, word.toUpperCase(), mixed].map(parseLevel)).toEqual([level, level, level]);
  });

  it("takes the words of levelSpellings and no others", () => {
    expect(levelSpellings).toEqual(vocabulary.map(([word]) => word));
  });

  it("reads the letter I alike on a machine set to Turkish", () => {
    const { toLocaleLowerCase } = String.prototype;
    vi.spyOn(String.prototype, "toLocaleLowerCase").mockImplementation(function (this: string) {
      return toLocaleLowerCase.call(this, "tr");
    });
    expect(["INFO", "WARNING", "CRITICAL"].map(parseLevel)).toEqual(["INFO", "WARNING", "CRITICAL"]);
  });

  it.each([
    ["dotted capital I", "İNFO"],
    ["dotless i", "ınfo"],
    ["full-width letters", "ｉｎｆｏ"],
    ["a space around", " info "],
    ["an empty text", ""],
    ["a severity number", "9"],
    ["a member of every object", "constructor"],
    ["the name of the prototype", "__proto__"],
    ["a method of every object", "toString"],
  ])("knows no level by %s", (_, text) => {
    expect(parseLevel(text)).toBe(undefined);
  });

  it.each([
    ["undefined", undefined],
    ["null", null],
    ["a number", 9],
    ["a symbol", Symbol("info")],
    ["a boxed text", Object("info")],
    ["an object that passes for a text", { toLowerCase: () => "info" }],
    ["an object without prototype", Object.create(null)],
  ])("names no level for %s, which JavaScript lets through", (_, value) => {
    expect(Reflect.apply(parseLevel, undefined, [value])).toBe(undefined);
  });
});

describe("isLevel", () => {
  it("accepts the levels as they stand on disk", () => {
    expect(levels.every(isLevel)).toBe(true);
  });

  it.each([
    "info",
    "WARN",
    "FATAL",
    "",
    "constructor",
    "__proto__",
    "hasOwnProperty",
    9,
    null,
    undefined,
    Symbol("INFO"),
    ["INFO"],
    Object("INFO"),
    { toString: () => "INFO" },
  ])("refuses %s", (value) => {
    expect(isLevel(value)).toBe(false);
  });
});
