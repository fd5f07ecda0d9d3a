import type { Order } from "../execution/order.ts";
import type { Bar } from "../market/bar.ts";
import type { BarGap } from "../market/bar-gap.ts";
import type { Regime } from "../regime/regime-classifier.ts";
import type { PortfolioReport } from "../risk/portfolio-tracker.ts";
import type { Signal } from "../strategies/strategy.ts";

/** What each event between containers carries. Containers know these words, and not each other. */
export interface EventPayloads {
  /** A trading day has ended. */
  readonly "market.bar": { readonly bar: Bar; readonly gap: BarGap | undefined };
  /** There are no more bars. */
  readonly "market.closed": { readonly date: string; readonly bars: number };
  /** The volatility regime has changed. */
  readonly "market.regime": { readonly regime: Regime; readonly volatility: number };
  /** A strategy wants to trade. */
  readonly "strategy.signal": {
    readonly strategy: string;
    readonly signal: Signal;
    readonly bar: Bar;
    readonly gap: BarGap | undefined;
  };
  /** Risk has approved an order. */
  readonly "risk.order": Order;
  /** Execution has settled orders. */
  readonly "execution.portfolio": PortfolioReport;
}

/** The name of an event. */
export type EventType = keyof EventPayloads;

/** The transport classes of this app. */
export type AppTier = "fast" | "standard" | "reliable";
