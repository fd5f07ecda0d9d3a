import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createForecast } from "../../src/gauges/forecast.ts";
import { createRateWindow } from "../../src/gauges/rate-window.ts";
import { fitLine } from "../../src/gauges/trend.ts";

const seed = 20261122;

/** Times that are strictly apart, over at least a minute. */
const times = fc
  .array(fc.integer({ min: 1000, max: 30_000 }), { minLength: 70, maxLength: 110 })
  .map((gaps) => {
    let atMs = 0;
    return gaps.map((gap) => {
      atMs += gap;
      return atMs;
    });
  });

describe("createForecast, whatever is measured", () => {
  it("foretells the end of an even growth to a millionth", () => {
    fc.assert(
      fc.property(
        times,
        fc.integer({ min: 0, max: 1e9 }),
        fc.integer({ min: 1, max: 1e3 }),
        fc.integer({ min: 1000, max: 9 * 365 * 86_400_000 }),
        (atMs, start, slope, leftMs) => {
          const forecast = createForecast();
          for (const ms of atMs) forecast.add(ms, start + slope * ms);
          const bound = start + slope * ((atMs.at(-1) ?? 0) + leftMs);
          const told = forecast.forecast({ name: "x", bound, direction: "rising" });
          expect(told.state).toBe("filling");
          const inMs = told.state === "filling" ? told.inMs : Number.NaN;
          expect(Math.abs(inMs / leftMs - 1)).toBeLessThan(1e-6);
        },
      ),
      { seed, numRuns: 200 },
    );
  });

  it("errs by no more than noise of a bounded size can make it err", () => {
    fc.assert(
      fc.property(
        times,
        fc.integer({ min: 1, max: 1000 }),
        fc.infiniteStream(fc.double({ min: -1, max: 1, noNaN: true })),
        (atMs, slope, noise) => {
          const size = 1e5;
          const points = atMs.map((ms) => ({
            atMs: ms,
            value: slope * ms + size * (noise.next().value ?? 0),
          }));
          const mean = atMs.reduce((sum, ms) => sum + ms, 0) / atMs.length;
          const spread = atMs.reduce((sum, ms) => sum + Math.abs(ms - mean), 0);
          const squares = atMs.reduce((sum, ms) => sum + (ms - mean) ** 2, 0);
          // The slope is a weighted sum of the values: noise moves it by at most its size times the sum of weights.
          const bound = (size * spread) / squares;
          expect(Math.abs((fitLine(points)?.slopePerMs ?? Number.NaN) - slope)).toBeLessThanOrEqual(
            bound * 1.000001,
          );
        },
      ),
      { seed, numRuns: 200 },
    );
  });

  it("does not depend on when the clock began", () => {
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 1e9 }), (atMs, shift) => {
        const values = atMs.map((ms, index) => ms * 3 + ((index * 7919) % 1000));
        const plain = fitLine(atMs.map((ms, index) => ({ atMs: ms, value: values[index] ?? 0 })));
        const moved = fitLine(atMs.map((ms, index) => ({ atMs: ms + shift, value: values[index] ?? 0 })));
        expect(moved?.slopePerMs).toBeCloseTo(plain?.slopePerMs ?? Number.NaN, 6);
      }),
      { seed, numRuns: 200 },
    );
  });

  it("sees a falling value towards a lower bound as it sees its mirror image", () => {
    fc.assert(
      fc.property(
        times,
        fc.array(fc.integer({ min: -1000, max: 4000 }), { minLength: 111, maxLength: 111 }),
        (atMs, steps) => {
          const [rising, falling] = [createForecast(), createForecast()];
          let value = 0;
          for (const [index, ms] of atMs.entries()) {
            value += steps[index] ?? 0;
            rising.add(ms, value);
            falling.add(ms, -value);
          }
          const up = rising.forecast({ name: "x", bound: 1e6, direction: "rising" });
          const down = falling.forecast({ name: "x", bound: -1e6, direction: "falling" });
          expect({ ...down, limit: undefined }).toEqual({ ...up, limit: undefined });
        },
      ),
      { seed, numRuns: 200 },
    );
  });
});

describe("createRateWindow, whatever is counted", () => {
  it("never tells more than was counted since shortly more than a window ago", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ gapMs: fc.integer({ min: 0, max: 20_000 }), events: fc.integer({ min: 0, max: 50 }) }),
          {
            minLength: 1,
            maxLength: 100,
          },
        ),
        (steps) => {
          const windowMs = 60_000;
          const rate = createRateWindow(windowMs, 0, 0);
          const seen: { readonly atMs: number; readonly events: number }[] = [];
          let atMs = 0;
          let total = 0;
          for (const { gapMs, events } of steps) {
            atMs += gapMs;
            total += events;
            seen.push({ atMs, events });
            rate.add(atMs, total);
            // Readings are up to 20 s apart and merged to one a second.
            const recent = seen.filter((each) => each.atMs > atMs - windowMs - 22_000);
            const counted = recent.reduce((sum, each) => sum + each.events, 0);
            expect(rate.perMinute()).toBeLessThanOrEqual(counted);
            expect(rate.perMinute()).toBeGreaterThanOrEqual(0);
          }
        },
      ),
      { seed, numRuns: 200 },
    );
  });
});
