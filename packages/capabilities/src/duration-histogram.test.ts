import { describe, expect, it } from "vitest";
import { createDurationHistogram } from "./duration-histogram.ts";

describe("createDurationHistogram", () => {
  it.each([0, 1, 7, 8, 9, 15, 16, 1000, 65_535, 65_536, 2 ** 31, 2 ** 32 - 1])(
    "is at most 12.5 %% off at %i µs",
    (durationUs) => {
      const histogram = createDurationHistogram();
      histogram.add(durationUs);
      expect(Math.abs(histogram.quantileUs(0.5) - durationUs)).toBeLessThanOrEqual(durationUs * 0.125);
    },
  );

  it("finds the ranks of quantiles", () => {
    const histogram = createDurationHistogram();
    for (const durationUs of [1, 2, 3, 4]) histogram.add(durationUs);
    expect([0, 0.25, 0.5, 0.75, 1].map((share) => histogram.quantileUs(share))).toEqual([1, 1, 2, 3, 4]);
  });

  it("takes what is out of its range for its ends, and is 0 when empty", () => {
    const histogram = createDurationHistogram();
    expect(histogram.quantileUs(0.5)).toBe(0);
    histogram.add(-5);
    expect(histogram.quantileUs(1)).toBe(0);
    histogram.add(2 ** 40);
    expect(histogram.quantileUs(1)).toBeGreaterThan(2 ** 31);
  });
});
