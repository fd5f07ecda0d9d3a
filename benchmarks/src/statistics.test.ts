import { describe, expect, it } from "vitest";
import { median, quantile } from "./statistics.ts";

describe("median", () => {
  it("is the middle of an odd number of values, in any order", () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  it("is the mean of the two middle values of an even number", () => {
    expect(median([10, 1, 4, 2])).toBe(3);
  });

  it("is NaN of nothing", () => {
    expect(median([])).toBeNaN();
  });
});

describe("quantile", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  it("takes the nearest rank", () => {
    expect(quantile(hundred, 0.5)).toBe(50);
    expect(quantile(hundred, 0.99)).toBe(99);
    expect(quantile(hundred, 0.999)).toBe(100);
  });

  it("reaches both ends", () => {
    expect(quantile(hundred, 0)).toBe(1);
    expect(quantile(hundred, 1)).toBe(100);
  });

  it("is NaN of nothing", () => {
    expect(quantile([], 0.5)).toBeNaN();
  });
});
