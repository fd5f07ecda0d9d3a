import { describe, expect, it } from "vitest";
import { onOneLine, quoted, shownValue } from "./shown-value.ts";

describe("shownValue", () => {
  it.each([
    ["lots", '"lots"'],
    [3, "3"],
    [Number.NaN, "NaN"],
    [12n, "12"],
    [null, "empty"],
    [undefined, "missing"],
    [[], "an empty list"],
    [[1], "a list"],
    [{}, "a map"],
    [Symbol("x"), "Symbol(x)"],
    [() => 1, "a function"],
  ])("shows %o on one line", (value, expected) => {
    expect(shownValue(value)).toBe(expected);
  });

  it("cuts long text", () => {
    expect(shownValue("x".repeat(100_000))).toHaveLength(63);
  });

  it("escapes line ends, terminal commands and direction marks", () => {
    expect(quoted("a\n\u001b[31m\u009b\u2028\u202e")).toBe('"a\\n\\u001b[31m\\u009b\\u2028\\u202e"');
  });

  it("shows a file name as it is but for control characters", () => {
    expect(onOneLine('C:\\logs\\a "b"\n.yaml')).toBe('C:\\logs\\a "b"\\n.yaml');
  });
});
