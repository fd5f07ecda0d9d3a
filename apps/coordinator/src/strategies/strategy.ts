import type { Bar } from "../market/bar.ts";

/** The five ways to look at a price series. */
export const strategyFamilies = ["momentum", "mean_reversion", "rsi", "breakout", "ma_cross"] as const;

/** One of {@link strategyFamilies}; also the name of the component that computes it. */
export type StrategyFamily = (typeof strategyFamilies)[number];

/** Buy = open a long position; sell = close it. The strategies of this app are long or flat. */
export type Side = "buy" | "sell";

/** What a strategy wants done after a bar. */
export interface Signal {
  readonly side: Side;
  /** Conviction, from 0 (exclusive) to 1. */
  readonly strength: number;
  /** The figures that led to it, as a short sentence. */
  readonly reason: string;
}

/** What a strategy saw in one bar. */
export interface Observation {
  /** The value of its indicator; undefined during warm-up. */
  readonly indicator: number | undefined;
  /** Present only on the bar on which the wanted position changes. */
  readonly signal: Signal | undefined;
}

/** A strategy: fed bar by bar, it remembers only what its indicators need. */
export interface Strategy {
  readonly family: StrategyFamily;
  readonly parameters: Readonly<Record<string, number>>;
  /** Bars needed before the indicator has a value. */
  readonly warmupBars: number;
  /** @throws when the bar cannot be used; the strategy stays usable. */
  next(bar: Bar): Observation;
}

/** Signals fire on the edge: once when the wanted position changes, not on every bar that agrees with it. */
export class PositionEdge {
  #isLong = false;

  /** @param wants - true long, false flat, undefined no opinion. @returns the side to trade, if any. */
  turn(wants: boolean | undefined): Side | undefined {
    if (wants === undefined || wants === this.#isLong) return undefined;
    this.#isLong = wants;
    return wants ? "buy" : "sell";
  }

  get isLong(): boolean {
    return this.#isLong;
  }
}

/** Limits a conviction to the allowed range. */
export function clampStrength(value: number): number {
  return Math.min(1, Math.max(0.05, value));
}
