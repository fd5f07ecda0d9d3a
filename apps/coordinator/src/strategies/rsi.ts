import { RelativeStrength } from "../indicators/relative-strength.ts";
import { clampStrength, PositionEdge, type Strategy } from "./strategy.ts";

/** Parameters of {@link createRsi}. */
export interface RsiParameters {
  /** Changes averaged, integer ≥ 1. */
  readonly periodBars: number;
  /** Buys at or below, 0 to 100. */
  readonly oversold: number;
  /** Sells at or above, greater than `oversold`. */
  readonly overbought: number;
}

/** Buys when the relative strength index says oversold, sells when it says overbought. */
export function createRsi({ periodBars, oversold, overbought }: RsiParameters): Strategy {
  const index = new RelativeStrength(periodBars);
  const edge = new PositionEdge();
  return {
    family: "rsi",
    parameters: { period_bars: periodBars, oversold, overbought },
    warmupBars: periodBars + 1,
    next(bar) {
      const value = index.push(bar.close);
      if (value === undefined) return { indicator: undefined, signal: undefined };
      const side = edge.turn(value <= oversold ? true : value >= overbought ? false : undefined);
      const reason = `relative strength ${value.toFixed(1)} of ${periodBars} bars`;
      const strength = clampStrength(Math.abs(value - 50) / 50);
      return { indicator: value, signal: side && { side, strength, reason } };
    },
  };
}
