import { RollingWindow } from "../indicators/rolling-window.ts";
import type { Bar } from "../market/bar.ts";
import { gapBefore } from "../market/bar-gap.ts";
import { clampStrength, PositionEdge, type Strategy } from "./strategy.ts";

/** Parameters of {@link createMeanReversion}. */
export interface MeanReversionParameters {
  /** Closes in the window, integer ≥ 2. */
  readonly windowBars: number;
  /** Standard deviations below the mean at which it buys, > 0. It sells at the mean. */
  readonly entryDeviations: number;
}

/** The window is not a run of trading days, so that its mean and deviation say nothing. */
class BrokenWindowError extends Error {
  override readonly name = "BrokenWindowError";
}

/**
 * Buys far below the mean of the window, measured in standard deviations (z-score), and sells at the mean.
 *
 * A z-score assumes evenly spaced closes: on the first bar after a closure of the exchange it throws
 * {@link BrokenWindowError}; the close is kept, and the next bar is used as normal.
 */
export function createMeanReversion({ windowBars, entryDeviations }: MeanReversionParameters): Strategy {
  const closes = new RollingWindow(windowBars);
  const edge = new PositionEdge();
  let previous: Bar | undefined;
  return {
    family: "mean_reversion",
    parameters: { window_bars: windowBars, entry_deviations: entryDeviations },
    warmupBars: windowBars,
    next(bar) {
      const gap = gapBefore(bar, previous);
      previous = bar;
      closes.push(bar.close);
      const mean = closes.mean();
      const deviation = closes.standardDeviation();
      if (mean === undefined || deviation === undefined) return { indicator: undefined, signal: undefined };
      if (gap?.kind === "stale") {
        throw new BrokenWindowError(
          `window of ${windowBars} closes has a hole of ${gap.days} days before ${bar.date}`,
        );
      }
      const score = deviation === 0 ? 0 : (bar.close - mean) / deviation;
      const side = edge.turn(score <= -entryDeviations ? true : score >= 0 ? false : undefined);
      const reason = `close ${Math.abs(score).toFixed(2)} deviations ${score < 0 ? "below" : "above"} the ${windowBars}-bar mean`;
      const strength = clampStrength(Math.abs(score) / (2 * entryDeviations));
      return { indicator: score, signal: side && { side, strength, reason } };
    },
  };
}
