import type { GapKind } from "../market/bar-gap.ts";
import type { Regime } from "../regime/regime-classifier.ts";
import type { Signal } from "../strategies/strategy.ts";
import type { RefusalReason, RiskLimits } from "./limits.ts";

/** Everything a decision depends on. */
export interface RiskQuestion {
  readonly signal: Signal;
  /** Close of the bar that led to the signal. */
  readonly price: number;
  /** Gap before that bar; undefined for the first bar. */
  readonly gap: { readonly days: number; readonly kind: GapKind } | undefined;
  /** Bars seen by risk so far. */
  readonly barsSeen: number;
  readonly regime: Regime;
  /** Cash plus holdings at market, in money. */
  readonly equity: number;
  /** Cash not yet promised to approved orders. */
  readonly freeCash: number;
  /** Holdings and approved buys of all strategies, in money. */
  readonly exposure: number;
  /** Shares that the strategy holds, and shares that it has already asked to sell. */
  readonly held: number;
}

/** An order in whole shares, or why there is none. */
export type RiskDecision =
  | { readonly kind: "order"; readonly quantity: number; readonly clippedFrom: number | undefined }
  | {
      readonly kind: "refusal";
      readonly reason: RefusalReason;
      readonly message: string;
      readonly figures: Readonly<Record<string, number>>;
    };

/**
 * Decides one signal: staleness and history first, then size, then position, exposure and cash limits in this order.
 *
 * A buy is sized by conviction: half to one and a half times the position limit, so that strong signals are clipped
 * by it.
 */
export function decide(question: RiskQuestion, limits: RiskLimits): RiskDecision {
  const { gap, barsSeen, signal, held } = question;
  if (gap?.kind === "stale") {
    return refuse("stale_bar", `Stale bar: ${gap.days} days without trading before it`, {
      gap_days: gap.days,
    });
  }
  if (barsSeen < limits.historyBars) {
    const figures = { bars_seen: barsSeen, bars_needed: limits.historyBars };
    return refuse(
      "insufficient_history",
      `Insufficient history: ${barsSeen} of ${limits.historyBars} bars`,
      figures,
    );
  }
  if (signal.side === "sell") {
    if (held > 0) return { kind: "order", quantity: held, clippedFrom: undefined };
    return refuse("nothing_to_sell", "Nothing to sell", { held });
  }
  return decideBuy(question, limits);
}

function decideBuy(question: RiskQuestion, limits: RiskLimits): RiskDecision {
  const { signal, price, equity, freeCash, exposure, held, regime } = question;
  const positionMax = Math.floor((equity * limits.positionShare) / price) - held;
  const wanted = Math.floor((equity * limits.positionShare * (0.5 + signal.strength)) / price);
  const quantity = Math.min(wanted, positionMax);
  if (quantity < 1) {
    return refuse("position_limit", `Position limit: ${held} shares held, 0 more allowed`, { held, wanted });
  }
  const value = quantity * price;
  const exposureMax = equity * limits.exposureShare[regime];
  if (exposure + value > exposureMax) {
    const figures = { exposure: cents(exposure), order_value: cents(value), limit: cents(exposureMax) };
    return refuse(
      "exposure_limit",
      `Exposure limit: ${money(exposure + value)} > ${money(exposureMax)}`,
      figures,
    );
  }
  const spendable = freeCash - equity * limits.cashReserveShare;
  if (value > spendable) {
    const figures = { order_value: cents(value), spendable_cash: cents(spendable) };
    return refuse(
      "cash_limit",
      `Cash limit: ${money(value)} needed, ${money(Math.max(0, spendable))} free`,
      figures,
    );
  }
  return { kind: "order", quantity, clippedFrom: wanted > quantity ? wanted : undefined };
}

function refuse(
  reason: RefusalReason,
  message: string,
  figures: Readonly<Record<string, number>>,
): RiskDecision {
  return { kind: "refusal", reason, message, figures };
}

function cents(value: number): number {
  return Math.round(value * 100) / 100;
}

function money(value: number): string {
  return value.toFixed(2);
}
