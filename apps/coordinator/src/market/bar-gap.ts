import type { Bar } from "./bar.ts";

/**
 * How far a bar is from the one before it.
 * - `regular`: the next trading day, or a normal weekend.
 * - `long`: a weekend with one holiday, as every few weeks.
 * - `stale`: the market was closed longer than any scheduled holiday closes it.
 */
export type GapKind = "regular" | "long" | "stale";

/** The distance between two consecutive bars. */
export interface BarGap {
  /** Calendar days, ≥ 1; a normal weekend is 3. */
  readonly days: number;
  readonly kind: GapKind;
}

/** Thresholds in calendar days. */
export interface GapLimits {
  /** From here a gap is `long`. */
  readonly warnDays: number;
  /** From here a gap is `stale`. */
  readonly staleDays: number;
}

/**
 * A three-day weekend is normal trading, and warned of; everything longer is a real closure of the exchange. Between
 * 2000 and 2020 there are three: 2001-09-11, the day of mourning of 2007-01-02, and hurricane Sandy in 2012.
 */
const defaultGapLimits: GapLimits = { warnDays: 4, staleDays: 5 };

/** Classifies the gap before `bar`; undefined for the first bar. */
export function gapBefore(
  bar: Bar,
  previous: Bar | undefined,
  limits: GapLimits = defaultGapLimits,
): BarGap | undefined {
  if (previous === undefined) return undefined;
  const days = bar.dayNumber - previous.dayNumber;
  if (days >= limits.staleDays) return { days, kind: "stale" };
  return { days, kind: days >= limits.warnDays ? "long" : "regular" };
}
