import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createHeavyHitters } from "../../src/gauges/heavy-hitters.ts";
import {
  countedBetween,
  countUpTo,
  createLatencyHistogram,
  quantileErrorMax,
  quantileOf,
} from "../../src/gauges/latency-histogram.ts";

const seed = 20261122;
/** From microseconds to days, as likely in each power of two. */
const duration = fc
  .tuple(fc.integer({ min: 0, max: 38 }), fc.double({ min: 1, max: 2, noNaN: true }))
  .map(([octave, part]) => Math.floor(2 ** octave * part));
const durations = fc.array(duration, { minLength: 1, maxLength: 300 });

function recorded(values: readonly number[]) {
  const histogram = createLatencyHistogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

describe("createLatencyHistogram, whatever is recorded", () => {
  it("tells every quantile to 1/64 of the true one", () => {
    fc.assert(
      fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        const sorted = values.toSorted((a, b) => a - b);
        const truth = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
        const told = quantileOf(recorded(values).snapshot(), share) ?? Number.NaN;
        expect(Math.abs(told - truth)).toBeLessThanOrEqual(truth * quantileErrorMax);
      }),
      { seed, numRuns: 1000 },
    );
  });

  it("counts exactly up to every power of two", () => {
    fc.assert(
      fc.property(durations, fc.integer({ min: 0, max: 39 }), (values, octave) => {
        const bound = 2 ** octave;
        expect(countUpTo(recorded(values).snapshot(), bound)).toBe(
          values.filter((value) => value <= bound).length,
        );
      }),
      { seed, numRuns: 500 },
    );
  });

  it("has in the time between two snapshots what was recorded between them", () => {
    fc.assert(
      fc.property(
        durations,
        durations,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (before, after, share) => {
          const histogram = recorded(before);
          const earlier = histogram.snapshot();
          for (const value of after) histogram.record(value);
          const between = countedBetween(earlier, histogram.snapshot());
          const alone = recorded(after).snapshot();
          expect([between.count, between.sumUs, [...between.counts]]).toEqual([
            alone.count,
            alone.sumUs,
            [...alone.counts],
          ]);
          expect(between.maxUs).toBeGreaterThanOrEqual(alone.maxUs);
          expect(between.maxUs).toBeLessThanOrEqual(alone.maxUs * (1 + 2 * quantileErrorMax));
          const truth = quantileOf(alone, share) ?? Number.NaN;
          expect(quantileOf(between, share)).toBeGreaterThanOrEqual(truth);
          expect(quantileOf(between, share)).toBeLessThanOrEqual(truth * (1 + quantileErrorMax));
        },
      ),
      { seed, numRuns: 300 },
    );
  });
});

describe("createHeavyHitters, whatever comes", () => {
  const keys = fc.array(
    fc.integer({ min: 0, max: 40 }).map((n) => `k${Math.floor(n ** 2 / 40)}`),
    { maxLength: 400 },
  );

  it("never tells too little, and says how much it may tell too much", () => {
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 12 }), (given, keysMax) => {
        const hitters = createHeavyHitters(keysMax);
        for (const key of given) hitters.add(key);
        const entries = hitters.entries();
        expect(entries.length).toBeLessThanOrEqual(keysMax);
        for (const { key, count, overcount } of entries) {
          const truth = given.filter((each) => each === key).length;
          expect(count).toBeGreaterThanOrEqual(truth);
          expect(count - overcount).toBeLessThanOrEqual(truth);
        }
      }),
      { seed, numRuns: 500 },
    );
  });

  it("has every key that came more often than its share", () => {
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 12 }), (given, keysMax) => {
        const hitters = createHeavyHitters(keysMax);
        for (const key of given) hitters.add(key);
        const kept = new Set(hitters.entries().map(({ key }) => key));
        const frequent = [...new Set(given)].filter(
          (key) => given.filter((each) => each === key).length > given.length / keysMax,
        );
        expect(frequent.filter((key) => !kept.has(key))).toEqual([]);
      }),
      { seed, numRuns: 500 },
    );
  });
});
