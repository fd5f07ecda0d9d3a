import { describe, expect, it } from "vitest";
import { countedBetween, countUpTo, createLatencyHistogram, quantileOf } from "./latency-histogram.ts";

function histogramOf(...durationsUs: readonly number[]) {
  const histogram = createLatencyHistogram();
  for (const durationUs of durationsUs) histogram.record(durationUs);
  return histogram;
}

describe("createLatencyHistogram", () => {
  it("has no quantiles before anything is counted", () => {
    const empty = createLatencyHistogram().snapshot();
    expect([quantileOf(empty, 0.5), empty.count, empty.maxUs]).toEqual([undefined, 0, 0]);
  });

  it("is exact up to 32 µs", () => {
    const all = histogramOf(...Array.from({ length: 33 }, (_, us) => us)).snapshot();
    expect([0, 0.5, 1].map((share) => quantileOf(all, share))).toEqual([0, 16, 32]);
  });

  it("counts a part of a microsecond as a whole one", () => {
    expect(histogramOf(0.2, 1.5).snapshot()).toMatchObject({ count: 2, sumUs: 3, maxUs: 2 });
  });

  it("refuses what is no duration, and counts that", () => {
    const odd = histogramOf(-1, Number.NaN, Number.POSITIVE_INFINITY, 7).snapshot();
    expect(odd).toMatchObject({ count: 1, sumUs: 7, refused: 3 });
  });

  it("counts exactly up to powers of two, which belong to the lower side as in Prometheus", () => {
    const all = histogramOf(0, 63, 64, 65, 128, 129, 2 ** 24, 2 ** 24 + 1).snapshot();
    expect([64, 128, 2 ** 24, 2 ** 30].map((bound) => countUpTo(all, bound))).toEqual([3, 5, 7, 8]);
  });

  it("puts durations of weeks into the last bucket and keeps their maximum", () => {
    const long = histogramOf(2 ** 45, 2 ** 50).snapshot();
    expect([long.count, long.maxUs, countUpTo(long, 2 ** 41)]).toEqual([2, 2 ** 50, 2]);
  });

  it("does not change a snapshot afterwards", () => {
    const histogram = histogramOf(5);
    const before = histogram.snapshot();
    histogram.record(5);
    expect(countUpTo(before, 64)).toBe(1);
  });
});

describe("countedBetween", () => {
  it("has the counts of the time between", () => {
    const histogram = histogramOf(10, 1000);
    const earlier = histogram.snapshot();
    for (const us of [20, 30]) histogram.record(us);
    const between = countedBetween(earlier, histogram.snapshot());
    expect([between.count, between.sumUs, quantileOf(between, 1)]).toEqual([2, 50, 30]);
  });

  it("knows a new record exactly, and bounds the maximum otherwise", () => {
    const histogram = histogramOf(5000);
    const earlier = histogram.snapshot();
    histogram.record(1000);
    const lower = countedBetween(earlier, histogram.snapshot()).maxUs;
    histogram.record(70_001);
    expect(countedBetween(earlier, histogram.snapshot()).maxUs).toBe(70_001);
    expect(lower).toBeGreaterThanOrEqual(1000);
    expect(lower).toBeLessThanOrEqual(1000 * (1 + 1 / 32));
  });

  it("has no maximum when nothing came", () => {
    const snapshot = histogramOf(5000).snapshot();
    expect(countedBetween(snapshot, snapshot)).toMatchObject({ count: 0, maxUs: 0 });
  });
});
