import { RollingWindow } from "../indicators/rolling-window.ts";
import { clampStrength, PositionEdge, type Strategy } from "./strategy.ts";

/** Parameters of {@link createMomentum}. */
export interface MomentumParameters {
  /** Bars between the two closes compared, integer ≥ 1. */
  readonly lookbackBars: number;
  /** Rate of change from which it buys, as a share: 0.03 = 3 %. It sells below zero. */
  readonly entryReturn: number;
}

/** Time-series momentum: long while the price has risen over the lookback, flat once it has fallen. */
export function createMomentum({ lookbackBars, entryReturn }: MomentumParameters): Strategy {
  const closes = new RollingWindow(lookbackBars);
  const edge = new PositionEdge();
  return {
    family: "momentum",
    parameters: { lookback_bars: lookbackBars, entry_return: entryReturn },
    warmupBars: lookbackBars + 1,
    next(bar) {
      const reference = closes.oldest;
      closes.push(bar.close);
      if (reference === undefined) return { indicator: undefined, signal: undefined };
      const change = bar.close / reference - 1;
      const side = edge.turn(change >= entryReturn ? true : change < 0 ? false : undefined);
      const reason = `${lookbackBars}-bar return ${(change * 100).toFixed(2)} %`;
      const strength = clampStrength(Math.abs(change) / (4 * entryReturn));
      return { indicator: change, signal: side && { side, strength, reason } };
    },
  };
}
