/** How rough the market is. */
export type Regime = "calm" | "normal" | "turbulent";

/** Volatility per year, as a share, at which the regime changes. */
export interface RegimeThresholds {
  /** Below: calm. Default 0.12. */
  readonly calmBelow: number;
  /** Above: turbulent. Default 0.25. */
  readonly turbulentAbove: number;
  /** How far back over a threshold the volatility must go to leave a regime, as a share of it. Default 0.1. */
  readonly hysteresis: number;
}

/** The thresholds used when the configuration gives none. */
const defaultRegimeThresholds: RegimeThresholds = {
  calmBelow: 0.12,
  turbulentAbove: 0.25,
  hysteresis: 0.1,
};

/**
 * Names the regime of a volatility. A regime once entered is left only with some distance to its threshold, so that it
 * does not flicker.
 */
export class RegimeClassifier {
  readonly #thresholds: RegimeThresholds;
  #current: Regime = "normal";

  constructor(thresholds: RegimeThresholds = defaultRegimeThresholds) {
    this.#thresholds = thresholds;
  }

  get current(): Regime {
    return this.#current;
  }

  /** @returns the new regime when it changed, else undefined. */
  update(volatility: number): Regime | undefined {
    const { calmBelow, turbulentAbove, hysteresis } = this.#thresholds;
    const calmLimit = this.#current === "calm" ? calmBelow * (1 + hysteresis) : calmBelow;
    const turbulentLimit = this.#current === "turbulent" ? turbulentAbove * (1 - hysteresis) : turbulentAbove;
    const next = volatility < calmLimit ? "calm" : volatility > turbulentLimit ? "turbulent" : "normal";
    if (next === this.#current) return undefined;
    this.#current = next;
    return next;
  }
}
