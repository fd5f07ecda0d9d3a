import { describe, expect, it } from "vitest";
import { createLogHistogram } from "./log-histogram.ts";

describe("log histogram", () => {
  it("counts every value in a bucket that contains it, over the whole range", () => {
    for (const value of [
      0,
      1,
      15,
      16,
      17,
      31,
      32,
      1000,
      123_456,
      2 ** 31 - 1,
      2 ** 31,
      2 ** 35 + 7,
      2 ** 40 - 1,
    ]) {
      const histogram = createLogHistogram();
      histogram.add(value);
      const [bucket, ...others] = histogram.buckets();
      expect(others).toEqual([]);
      expect(bucket?.from).toBeLessThanOrEqual(value);
      expect(bucket?.to).toBeGreaterThan(value);
    }
  });

  it("answers quantiles within one thirty-second of the exact value, and the exact maximum", () => {
    const histogram = createLogHistogram();
    for (let value = 1; value <= 10_000; value += 1) histogram.add(value);
    const { n, p50, p95, p99, max } = histogram.quantiles();
    expect([n, max]).toEqual([10_000, 10_000]);
    expect(Math.abs(p50 - 5000) / 5000).toBeLessThan(1 / 32);
    expect(Math.abs(p95 - 9500) / 9500).toBeLessThan(1 / 32);
    expect(Math.abs(p99 - 9900) / 9900).toBeLessThan(1 / 32);
  });

  it("refuses negative values and NaN, and counts them apart", () => {
    const histogram = createLogHistogram();
    histogram.add(-1);
    histogram.add(Number.NaN);
    expect([histogram.count, histogram.refused]).toEqual([0, 2]);
    expect(histogram.quantiles()).toEqual({ n: 0, p50: 0, p95: 0, p99: 0, max: 0 });
  });

  it("takes infinite values into its last bucket", () => {
    const histogram = createLogHistogram();
    histogram.add(Number.POSITIVE_INFINITY);
    expect(histogram.count).toBe(1);
  });

  it("scales results", () => {
    const histogram = createLogHistogram();
    histogram.add(5000);
    expect(histogram.quantiles(0.001).max).toBe(5);
  });
});
