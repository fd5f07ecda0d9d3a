import { describe, expect, it } from "vitest";
import { createForecast, type Forecast, firstForecast, formatForecast } from "./forecast.ts";
import { createTrend, fitLine } from "./trend.ts";

const gib = 2 ** 30;
const limit = { name: "max_total_size", bound: 10 * gib, direction: "rising" } as const;
const reserve = { name: "min_free_disk", bound: gib, direction: "falling" } as const;

/** Measured each 10 s for 10 minutes. */
function measured(valueAt: (ms: number) => number) {
  const forecast = createForecast();
  for (let ms = 0; ms <= 600_000; ms += 10_000) forecast.add(ms, valueAt(ms));
  return forecast;
}

describe("createForecast", () => {
  it("foretells a value that rises evenly to the millisecond", () => {
    const forecast = measured((ms) => ms * 1000);
    const told = forecast.forecast(limit);
    expect(told).toMatchObject({ state: "filling", limit });
    expect(told.state === "filling" && told.inMs).toBeCloseTo((10 * gib - 600_000_000) / 1000, 3);
    expect(forecast.growthPerSecond()).toBeCloseTo(1_000_000, 6);
  });

  it("foretells one that falls to its limit", () => {
    const told = measured((ms) => 5 * gib - ms * 100).forecast(reserve);
    expect(told.state === "filling" && told.inMs).toBeCloseTo((4 * gib - 60_000_000) / 100, 3);
  });

  it.each<readonly [string, (ms: number) => number]>([
    ["stands still", () => 5 * gib],
    ["moves away from the limit", (ms) => 5 * gib - ms],
    ["only trembles", (ms) => 10 * gib - 1e8 + 1e6 * Math.sin(ms / 7777 + 2)],
    ["would need more than ten years", (ms) => 5 * gib + ms * 1e-4],
  ])("is steady when the value %s", (_, valueAt) => {
    expect(measured(valueAt).forecast(limit)).toEqual({ state: "steady" });
  });

  it("sees that what only trembles has a slope all the same", () => {
    expect(
      measured((ms) => 10 * gib - 1e8 + 1e6 * Math.sin(ms / 7777 + 2)).growthPerSecond(),
    ).toBeGreaterThan(7);
  });

  it("says full when the limit is reached, however short the time", () => {
    const forecast = createForecast();
    forecast.add(0, 10 * gib);
    expect(forecast.forecast(limit)).toEqual({ state: "full", limit });
  });

  it("knows nothing without measurements, or within the first minute", () => {
    const forecast = createForecast();
    const states = [forecast.forecast(limit).state];
    for (let ms = 0; ms <= 60_000; ms += 10_000) {
      forecast.add(ms, ms * 1000);
      states.push(forecast.forecast(limit).state);
    }
    expect(states).toEqual([...Array.from({ length: 7 }, () => "unknown"), "filling"]);
    expect(createForecast().growthPerSecond()).toBe(undefined);
  });

  it("forgets what is older than its window", () => {
    const forecast = createForecast({ windowMs: 600_000 });
    for (let ms = 0; ms <= 600_000; ms += 10_000) forecast.add(ms, gib);
    for (let ms = 610_000; ms <= 1_210_000; ms += 10_000) forecast.add(ms, gib + (ms - 600_000) * 1000);
    expect(forecast.growthPerSecond()).toBeCloseTo(1_000_000, 6);
  });

  it("gives the earliest time beside the likeliest, apart when the value is restless", () => {
    const told = measured((ms) => ms * 1000 + (ms % 20_000 === 0 ? 2e7 : 0)).forecast(limit);
    expect(told.state === "filling" && told.earliestMs < told.inMs && told.earliestMs > told.inMs / 2).toBe(
      true,
    );
  });

  it.each([
    [{ windowMs: 60_000 }],
    [{ windowMs: Number.POSITIVE_INFINITY }],
    [{ minSpanMs: -1 }],
    [{ windowMs: Number.NaN }],
  ])("refuses %j", (options) => {
    expect(() => createForecast(options)).toThrow(RangeError);
  });
});

describe("firstForecast", () => {
  const later: Forecast = { state: "filling", limit, inMs: 2000, earliestMs: 1 };
  const sooner: Forecast = { state: "filling", limit: reserve, inMs: 1000, earliestMs: 900 };
  it("names the limit that comes first", () => {
    expect(firstForecast([{ state: "steady" }, later, { state: "unknown" }, sooner])).toBe(sooner);
    expect(firstForecast([later, { state: "full", limit }])).toEqual({ state: "full", limit });
  });

  it("prefers not knowing to being at ease", () => {
    expect(firstForecast([{ state: "steady" }, { state: "unknown" }])).toEqual({ state: "unknown" });
    expect(firstForecast([])).toEqual({ state: "unknown" });
  });
});

describe("formatForecast", () => {
  it.each<readonly [Forecast, string]>([
    [{ state: "filling", limit, inMs: 97_200_000, earliestMs: 0 }, "full in 1 d 3 h (max_total_size 10 GiB)"],
    [{ state: "full", limit: reserve }, "full (min_free_disk 1 GiB)"],
    [{ state: "steady" }, "not filling"],
    [{ state: "unknown" }, "not measured for long enough"],
  ])("says %j as %s", (forecast, text) => {
    expect(formatForecast(forecast)).toBe(text);
  });
});

describe("fitLine", () => {
  it("needs three points at more than one moment", () => {
    const at = (atMs: number) => ({ atMs, value: 1 });
    expect([fitLine([at(0), at(1)]), fitLine([at(5), at(5), at(5)])]).toEqual([undefined, undefined]);
  });

  it("gives the textbook slope and its standard error", () => {
    // Slope and error by hand: x 0..3, y 1,3,2,5 gives slope 1.1, residual squares 2.7, error sqrt(2.7 / 2 / 5).
    const fit = fitLine([1, 3, 2, 5].map((value, atMs) => ({ atMs, value })));
    expect(fit?.slopePerMs).toBeCloseTo(1.1, 12);
    expect(fit?.slopeError).toBeCloseTo(Math.sqrt(2.7 / 2 / 5), 12);
  });
});

describe("createTrend", () => {
  it("keeps at most 363 points over its window however often it is fed", () => {
    const trend = createTrend(60_000);
    for (let ms = 0; ms <= 300_000; ms += 1) trend.add(ms, ms);
    expect(trend.points.length).toBeLessThanOrEqual(363);
    expect(trend.points.at(-1)).toEqual({ atMs: 300_000, value: 300_000 });
    expect(trend.points[0]?.atMs).toBeGreaterThanOrEqual(240_000);
    expect(trend.points[0]?.atMs).toBeLessThan(241_000);
  });
});
