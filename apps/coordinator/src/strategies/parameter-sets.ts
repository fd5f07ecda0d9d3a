import { createBreakout } from "./breakout.ts";
import { createMaCross } from "./ma-cross.ts";
import { createMeanReversion } from "./mean-reversion.ts";
import { createMomentum } from "./momentum.ts";
import { createRsi } from "./rsi.ts";
import { type Strategy, type StrategyFamily, strategyFamilies } from "./strategy.ts";

/** Most strategies that {@link createStrategy} has parameters for. */
export const strategiesMax = 500;

const setsPerFamily = strategiesMax / strategyFamilies.length;
/** Each family has this many hand-picked sets; the others are made from them. */
const basicSets = 10;

/** Lookbacks from a week to a year, in bars. */
const lookbacks = [5, 10, 15, 20, 30, 40, 60, 90, 120, 250] as const;
const windows = [10, 12, 15, 18, 20, 25, 30, 40, 50, 60] as const;
const periods = [2, 3, 4, 5, 7, 9, 11, 14, 17, 21] as const;
const channels = [10, 15, 20, 25, 30, 40, 55, 70, 90, 120] as const;
const fastAverages = [3, 5, 5, 8, 10, 10, 15, 20, 20, 50] as const;
const slowAverages = [10, 15, 20, 21, 30, 50, 60, 80, 100, 200] as const;

/**
 * Set `set` of a family: the length is one of the ten basic ones, and each repetition (0 for sets 1 to 10, 1 for 11 to
 * 20, …) is a bar longer. The second parameter moves with the repetition as well, so that no two sets are the same.
 */
function lengthOf(basics: readonly number[], set: number): number {
  return (basics[set % basicSets] ?? 1) + repetitionOf(set);
}

function repetitionOf(set: number): number {
  return Math.floor(set / basicSets);
}

const factories: Readonly<Record<StrategyFamily, (set: number) => Strategy>> = {
  momentum(set) {
    const lookbackBars = lengthOf(lookbacks, set);
    const entryReturn = 0.006 * Math.sqrt(lookbackBars) * (1 + 0.1 * repetitionOf(set));
    return createMomentum({ lookbackBars, entryReturn: round(entryReturn, 4) });
  },
  mean_reversion(set) {
    const entryDeviations = 1.5 + 0.1 * (set % basicSets) + 0.01 * repetitionOf(set);
    return createMeanReversion({
      windowBars: lengthOf(windows, set),
      entryDeviations: round(entryDeviations, 2),
    });
  },
  rsi(set) {
    const periodBars = lengthOf(periods, set);
    // Short periods swing to the ends every few days, long ones hardly ever: the band follows the period.
    const halfBand = Math.max(14, 40 - 5 * Math.sqrt(periodBars)) + 0.3 * repetitionOf(set);
    return createRsi({ periodBars, oversold: round(50 - halfBand, 1), overbought: round(50 + halfBand, 1) });
  },
  breakout(set) {
    const entryBars = lengthOf(channels, set);
    return createBreakout({ entryBars, exitBars: Math.floor(entryBars * (0.5 - 0.02 * repetitionOf(set))) });
  },
  ma_cross(set) {
    const fastBars = (fastAverages[set % basicSets] ?? 5) + (repetitionOf(set) >= 5 ? 1 : 0);
    return createMaCross({ fastBars, slowBars: lengthOf(slowAverages, set) });
  },
};

/**
 * Creates strategy number `index`. Numbers 1 to 50 are ten sets of each family, in blocks of ten: 1–10 momentum,
 * 11–20 mean reversion, 21–30 rsi, 31–40 breakout, 41–50 moving-average cross; then the blocks repeat with new
 * lengths. The same number always gives the same strategy.
 *
 * @param index - integer from 1 to {@link strategiesMax}.
 * @throws {RangeError} for any other number.
 */
export function createStrategy(index: number): Strategy {
  if (!Number.isInteger(index) || index < 1 || index > strategiesMax) {
    throw new RangeError(`strategy number must be an integer from 1 to ${strategiesMax}, got ${index}`);
  }
  const block = Math.floor((index - 1) / basicSets);
  const family = strategyFamilies[block % strategyFamilies.length] ?? "momentum";
  const repetition = Math.floor(block / strategyFamilies.length);
  const set = repetition * basicSets + ((index - 1) % basicSets);
  if (set >= setsPerFamily) throw new RangeError(`strategy ${index} has no parameter set`);
  return factories[family](set);
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
