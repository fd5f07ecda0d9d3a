import { describe, expect, it } from "vitest";
import { cleanId, idLengthMax, newCorrelationId } from "./correlation-id.ts";

describe("cleanId", () => {
  it.each([
    ["trade_xyz_123", "trade_xyz_123"],
    ["  a b ", "a b"],
    ["a\r\nX-Evil: 1", "a__X-Evil: 1"],
    ["a\u0000\u001b[31m\u007f\u0085\u2028b", "a__[31m___b"],
    ["a\ud800b", "a_b"],
    ["Größe 😀", "Größe 😀"],
    ["__proto__", "__proto__"],
  ])("makes %j safe", (value, cleaned) => {
    expect(cleanId(value)).toBe(cleaned);
  });

  it.each([undefined, null, "", " \t", 7, {}, ["a"], Symbol("a")])(
    "refuses what is no usable text (case %#)",
    (value) => {
      expect(cleanId(value)).toBeUndefined();
    },
  );

  it("cuts what is longer than 256 characters, and no surrogate pair in two", () => {
    expect(cleanId("x".repeat(1_000_000))).toBe("x".repeat(idLengthMax));
    expect(cleanId(`${"x".repeat(255)}😀`)).toBe(`${"x".repeat(255)}_`);
  });
});

describe("newCorrelationId", () => {
  const at = (timestampMs: number) => ({ now: () => timestampMs });

  it("is a prefix, the time and a random part", () => {
    expect(newCorrelationId()).toMatch(/^flow_[0-9a-hjkmnp-tv-z]{21}$/);
    expect(newCorrelationId("trade")).toMatch(/^trade_/);
    expect(newCorrelationId("flow", at(33))).toMatch(/^flow_000000011/);
  });

  it("sorts by time within a prefix", () => {
    const times = [0, 31, 32, 1_700_000_000_000, 1_700_000_000_001, 2 ** 44];
    const ids = times.map((time) => newCorrelationId("trade", at(time)));
    expect(ids.toSorted()).toEqual(ids);
  });

  it("does not repeat itself within a millisecond", () => {
    const ids = new Set(Array.from({ length: 10_000 }, () => newCorrelationId("t", at(0))));
    expect(ids.size).toBe(10_000);
  });

  it.each(["", "a_b", "1a", "a b", "x".repeat(33)])("refuses the prefix %j", (prefix) => {
    expect(() => newCorrelationId(prefix)).toThrow(RangeError);
  });
});
