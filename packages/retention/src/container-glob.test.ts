import { describe, expect, it } from "vitest";
import { fitsGlob } from "./container-glob.ts";

describe("fitsGlob", () => {
  it.each([
    ["strategy_*", "strategy_001", true],
    ["strategy_*", "strategy_", true],
    ["strategy_*", "my_strategy_1", false],
    ["*_eu", "strategy_eu", true],
    ["*_eu", "strategy_eu_2", false],
    ["a*b*c", "a-b-b-c", true],
    ["a*b*c", "a-c-b", false],
    ["risk?", "risk1", true],
    ["risk?", "risk", false],
    ["risk?", "risk12", false],
    ["*", "", true],
    ["", "", true],
    ["", "a", false],
    ["a.c", "abc", false],
    ["(a+)+$", "(a+)+$", true],
  ])("%j on %j is %s", (pattern, text, expected) => {
    expect(fitsGlob(pattern, text)).toBe(expected);
  });

  it("takes no more than length times length steps on a pattern made to be slow", () => {
    const startMs = performance.now();
    expect(fitsGlob(`${"a*".repeat(60)}b`, "a".repeat(5000))).toBe(false);
    expect(performance.now() - startMs).toBeLessThan(1000);
  });
});
