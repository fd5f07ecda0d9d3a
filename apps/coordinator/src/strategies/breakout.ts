import { RollingExtreme } from "../indicators/rolling-extreme.ts";
import { clampStrength, PositionEdge, type Strategy } from "./strategy.ts";

/** Parameters of {@link createBreakout}. */
export interface BreakoutParameters {
  /** Bars of the channel whose high must be broken to buy, integer ≥ 1. */
  readonly entryBars: number;
  /** Bars of the channel whose low must be broken to sell, integer ≥ 1, at most `entryBars`. */
  readonly exitBars: number;
}

/** Donchian channel: buys a close above the highest high of the bars before, sells one below their lowest low. */
export function createBreakout({ entryBars, exitBars }: BreakoutParameters): Strategy {
  const highest = new RollingExtreme(entryBars, "highest");
  const lowest = new RollingExtreme(exitBars, "lowest");
  const edge = new PositionEdge();
  return {
    family: "breakout",
    parameters: { entry_bars: entryBars, exit_bars: exitBars },
    warmupBars: Math.max(entryBars, exitBars) + 1,
    next(bar) {
      // The channel is that of the bars before: today's close can never exceed today's high.
      const upper = highest.value;
      const lower = lowest.value;
      highest.push(bar.high);
      lowest.push(bar.low);
      if (upper === undefined || lower === undefined) return { indicator: undefined, signal: undefined };
      const side = edge.turn(bar.close > upper ? true : bar.close < lower ? false : undefined);
      const position = upper === lower ? 0.5 : (bar.close - lower) / (upper - lower);
      const reason =
        side === "buy"
          ? `close ${bar.close.toFixed(2)} above the ${entryBars}-bar high ${upper.toFixed(2)}`
          : `close ${bar.close.toFixed(2)} below the ${exitBars}-bar low ${lower.toFixed(2)}`;
      const strength = clampStrength(Math.abs(position - 0.5));
      return { indicator: position, signal: side && { side, strength, reason } };
    },
  };
}
