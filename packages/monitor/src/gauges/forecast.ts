import { formatBytes, formatDuration } from "./format-quantity.ts";
import { createTrend, fitLine, type Trend } from "./trend.ts";

/** A bound that a measured value moves towards. */
export interface ForecastLimit {
  /** For people: `max_total_size`, `min_free_disk`. */
  readonly name: string;
  /** In the unit of the value. */
  readonly bound: number;
  /** Whether the bound is reached by rising or by falling. */
  readonly direction: "rising" | "falling";
}

/**
 * When a limit is reached, if the value goes on as in the window.
 * - `unknown`: measured for too short a time.
 * - `steady`: it does not move towards the limit by more than chance, or only after ten years.
 * - `filling`: it does.
 * - `full`: the limit is reached.
 */
export type Forecast =
  | { readonly state: "unknown" }
  | { readonly state: "steady" }
  | { readonly state: "full"; readonly limit: ForecastLimit }
  | {
      readonly state: "filling";
      readonly limit: ForecastLimit;
      /** Milliseconds from the last measurement. */
      readonly inMs: number;
      /** The same, if the value moves two standard errors faster than the line says. */
      readonly earliestMs: number;
    };

/** Foretells when a measured value reaches its limits. */
export interface Forecaster {
  /** @param atMs - monotonic milliseconds, not before the last call. */
  add(atMs: number, value: number): void;
  /** Units of the value per second, over the window; undefined while that is unknown. */
  growthPerSecond(): number | undefined;
  forecast(limit: ForecastLimit): Forecast;
}

/** Options of {@link createForecast}. */
export interface ForecastOptions {
  /** Milliseconds of measurements that count. Default one hour. */
  readonly windowMs?: number;
  /** Milliseconds that must be measured before anything is foretold; less than `windowMs`. Default one minute. */
  readonly minSpanMs?: number;
}

const horizonMs = 10 * 365 * 86_400_000;

/**
 * Creates a forecaster without measurements.
 *
 * The slope is that of the line of least squares; a slope below two of its standard errors is taken for none, so a
 * value that only trembles is `steady`.
 *
 * @throws {RangeError} for a window that is not longer than `minSpanMs`.
 */
export function createForecast(options: ForecastOptions = {}): Forecaster {
  const { windowMs = 3_600_000, minSpanMs = 60_000 } = options;
  if (!(minSpanMs >= 0 && windowMs > minSpanMs && windowMs < Number.POSITIVE_INFINITY))
    throw new RangeError(`windowMs (${windowMs}) must be finite and more than minSpanMs (${minSpanMs})`);
  const trend = createTrend(windowMs);

  return {
    add: trend.add,
    growthPerSecond() {
      const slope = fitOf(trend, minSpanMs)?.slopePerMs;
      return slope === undefined ? undefined : slope * 1000;
    },
    forecast(limit) {
      const last = trend.points.at(-1);
      const fit = fitOf(trend, minSpanMs);
      if (last === undefined) return { state: "unknown" };
      const sign = limit.direction === "rising" ? 1 : -1;
      const left = sign * (limit.bound - last.value);
      if (left <= 0) return { state: "full", limit };
      if (fit === undefined) return { state: "unknown" };
      const towards = sign * fit.slopePerMs;
      // Rounding alone gives a value that stands still a slope of some 1e-16 of itself.
      const noise = 2 * fit.slopeError + (Math.abs(last.value) * 1e-12) / windowMs;
      const inMs = left / towards;
      if (towards <= noise || inMs > horizonMs) return { state: "steady" };
      return { state: "filling", limit, inMs, earliestMs: left / (towards + 2 * fit.slopeError) };
    },
  };
}

function fitOf({ points }: Trend, minSpanMs: number): ReturnType<typeof fitLine> {
  const spanMs = (points.at(-1)?.atMs ?? 0) - (points[0]?.atMs ?? 0);
  return spanMs < minSpanMs ? undefined : fitLine(points);
}

/** The forecast of the limit that is reached first; what is unknown or steady comes after what is foretold. */
export function firstForecast(forecasts: readonly Forecast[]): Forecast {
  const order = (forecast: Forecast): number => {
    if (forecast.state === "full") return 0;
    if (forecast.state === "filling") return forecast.inMs;
    return forecast.state === "unknown" ? Number.MAX_VALUE : Number.POSITIVE_INFINITY;
  };
  return forecasts.toSorted((a, b) => compare(order(a), order(b)))[0] ?? { state: "unknown" };
}

function compare(a: number, b: number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** A forecast of bytes in words: `full in 1 d 3 h (max_total_size 10 GiB)`. */
export function formatForecast(forecast: Forecast): string {
  if (forecast.state === "unknown") return "not measured for long enough";
  if (forecast.state === "steady") return "not filling";
  const limit = `${forecast.limit.name} ${formatBytes(forecast.limit.bound)}`;
  return forecast.state === "full"
    ? `full (${limit})`
    : `full in ${formatDuration(forecast.inMs)} (${limit})`;
}
