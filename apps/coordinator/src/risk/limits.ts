import type { Regime } from "../regime/regime-classifier.ts";

/** Limits that every order must keep. Shares are of the capital (`capital`), unless said otherwise. */
export interface RiskLimits {
  /** Most that one strategy may hold, as a share of equity. Default 0.05. */
  readonly positionShare: number;
  /** Most that all strategies together may hold, as a share of equity, by regime. */
  readonly exposureShare: Readonly<Record<Regime, number>>;
  /** Cash that is never spent, as a share of equity. Default 0.02. */
  readonly cashReserveShare: number;
  /** Bars of market history needed before anything is traded, integer ≥ 1. Default 20. */
  readonly historyBars: number;
}

/** The limits used when the configuration gives none. */
export const defaultRiskLimits: RiskLimits = {
  positionShare: 0.05,
  exposureShare: { calm: 1, normal: 1, turbulent: 0.5 },
  cashReserveShare: 0.02,
  historyBars: 20,
};

/** Why an order is not passed on. */
export type RefusalReason =
  | "insufficient_history"
  | "nothing_to_sell"
  | "position_limit"
  | "exposure_limit"
  | "cash_limit"
  | "stale_bar";

/**
 * The reasons that are failures: the market data or the books are not as trading needs them. The others are limits
 * doing their work, worth a warning at most.
 */
export const failureReasons: ReadonlySet<RefusalReason> = new Set(["cash_limit", "stale_bar"]);
