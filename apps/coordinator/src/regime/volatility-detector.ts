import { RollingWindow } from "../indicators/rolling-window.ts";

/** Trading days of a year, by convention. */
const tradingDaysPerYear = 252;

/** Realised volatility: standard deviation of daily log returns over a window, per year. */
export class VolatilityDetector {
  readonly #returns: RollingWindow;
  #previous: number | undefined;

  /** @param windowBars - returns in the window, integer ≥ 2. */
  constructor(windowBars: number) {
    this.#returns = new RollingWindow(windowBars);
  }

  /** Adds a close. @returns volatility per year as a share (0.2 = 20 %), or undefined during warm-up. */
  push(close: number): number | undefined {
    const previous = this.#previous;
    this.#previous = close;
    if (previous === undefined) return undefined;
    this.#returns.push(Math.log(close / previous));
    const deviation = this.#returns.standardDeviation();
    return deviation === undefined ? undefined : deviation * Math.sqrt(tradingDaysPerYear);
  }
}
