import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchesGlob } from "./glob.ts";

describe("matchesGlob", () => {
  it.each([
    ["strategy_*", "strategy_017", true],
    ["strategy_*", "strategy_", true],
    ["strategy_*", "strategy", false],
    ["*_container", "risk_container", true],
    ["*_container", "risk_container_2", false],
    ["strategy_00?", "strategy_007", true],
    ["strategy_00?", "strategy_00", false],
    ["a.b", "axb", false],
    ["[ab]", "a", false],
    ["[ab]", "[ab]", true],
    ["Risk", "risk", false],
    ["?", "戦", true],
    ["?", "𝒳", true],
    ["*", "", true],
    ["a*b*c", "a-b-b-c", true],
  ])("takes %j on %j as %s", (glob, text, expected) => {
    expect(matchesGlob(glob, text)).toBe(expected);
  });

  it("means what a regular expression of the same pattern means", () => {
    const piece = fc.constantFrom("a", "b", "*", "?", "*");
    const glob = fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join(""));
    const text = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 12 });
    fc.assert(
      fc.property(glob, text, (pattern, subject) => {
        const expression = new RegExp(`^${pattern.replaceAll("*", "[^]*").replaceAll("?", "[^]")}$`);
        expect(matchesGlob(pattern, subject)).toBe(expression.test(subject));
      }),
      { seed: 20_261_123, numRuns: 3000 },
    );
  });

  it("ends at once on a pattern that would keep a regular expression busy for years", () => {
    expect(matchesGlob(`${"*a".repeat(60)}b`, "a".repeat(128))).toBe(false);
  });
});
