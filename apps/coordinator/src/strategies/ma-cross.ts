import { MovingAverage } from "../indicators/moving-average.ts";
import { clampStrength, PositionEdge, type Strategy } from "./strategy.ts";

/** Parameters of {@link createMaCross}. */
export interface MaCrossParameters {
  /** Closes of the fast average, integer ≥ 1. */
  readonly fastBars: number;
  /** Closes of the slow average, integer, greater than `fastBars`. */
  readonly slowBars: number;
}

/** Long while the fast moving average is above the slow one; the first comparison only sets the side. */
export function createMaCross({ fastBars, slowBars }: MaCrossParameters): Strategy {
  const fast = new MovingAverage(fastBars);
  const slow = new MovingAverage(slowBars);
  const edge = new PositionEdge();
  let wasAbove: boolean | undefined;
  return {
    family: "ma_cross",
    parameters: { fast_bars: fastBars, slow_bars: slowBars },
    warmupBars: slowBars,
    next(bar) {
      const fastAverage = fast.push(bar.close);
      const slowAverage = slow.push(bar.close);
      if (fastAverage === undefined || slowAverage === undefined)
        return { indicator: undefined, signal: undefined };
      const spread = fastAverage / slowAverage - 1;
      const isAbove = spread > 0;
      const hasCrossed = wasAbove !== undefined && wasAbove !== isAbove;
      wasAbove = isAbove;
      const side = hasCrossed ? edge.turn(isAbove) : undefined;
      const reason = `${fastBars}-bar average ${isAbove ? "above" : "below"} the ${slowBars}-bar average`;
      const strength = clampStrength(0.3 + Math.abs(spread) * 20);
      return { indicator: spread, signal: side && { side, strength, reason } };
    },
  };
}
