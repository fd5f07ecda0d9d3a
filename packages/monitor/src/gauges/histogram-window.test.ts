import { describe, expect, it } from "vitest";
import { createHistogramWindow } from "./histogram-window.ts";
import { createLatencyHistogram } from "./latency-histogram.ts";

describe("createHistogramWindow", () => {
  it("shows what was counted in the window only", () => {
    const histogram = createLatencyHistogram();
    const window = createHistogramWindow(60_000);
    window.add(0, histogram.snapshot());
    const seen = Array.from({ length: 10 }, (_, index) => {
      histogram.record(index);
      return window.add((index + 1) * 20_000, histogram.snapshot()).count;
    });
    expect(seen).toEqual([1, 2, 3, 3, 3, 3, 3, 3, 3, 3]);
  });

  it("shows everything at the first reading, when there is nothing to compare with", () => {
    const histogram = createLatencyHistogram();
    histogram.record(7);
    expect(createHistogramWindow(60_000).add(0, histogram.snapshot()).count).toBe(1);
  });

  it("still covers the window when it is read every millisecond", () => {
    const histogram = createLatencyHistogram();
    const window = createHistogramWindow(1000);
    let counted = 0;
    for (let ms = 0; ms <= 3000; ms += 1) {
      histogram.record(1);
      counted = window.add(ms, histogram.snapshot()).count;
    }
    expect(counted).toBeGreaterThanOrEqual(1000);
    expect(counted).toBeLessThanOrEqual(1000 + 2 * (1000 / 12) + 2);
  });
});
