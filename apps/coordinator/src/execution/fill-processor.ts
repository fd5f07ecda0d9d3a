import type { Bar } from "../market/bar.ts";
import { type BarGap, gapBefore } from "../market/bar-gap.ts";
import { CashLedger } from "./cash-ledger.ts";
import { type CostModel, costOf, defaultCostModel } from "./cost-model.ts";
import type { Order, OrderOutcome } from "./order.ts";
import { PositionTracker } from "./position-tracker.ts";

/** Settings of a {@link FillProcessor}. */
export interface FillProcessorOptions {
  /** Cash at the start, in money, ≥ 0. */
  readonly capital: number;
  readonly costs?: CostModel;
}

/** Totals of everything that was settled. */
export interface TradingResult {
  /** Cash at the start. */
  readonly capital: number;
  readonly fills: number;
  readonly buys: number;
  readonly sells: number;
  readonly commissions: number;
  readonly cash: number;
  /** Value of what is held, at the last close. */
  readonly holdings: number;
  /** Cash plus holdings minus the capital. */
  readonly profit: number;
}

/** Settles orders at an open: the costs, the cash and the positions of each. */
export class FillProcessor {
  readonly cash: CashLedger;
  readonly positions = new PositionTracker();
  readonly #capital: number;
  readonly #costs: CostModel;
  #previous: Bar | undefined;
  #buys = 0;
  #sells = 0;
  #commissions = 0;

  constructor({ capital, costs = defaultCostModel }: FillProcessorOptions) {
    this.#capital = capital;
    this.#costs = costs;
    this.cash = new CashLedger(capital);
  }

  /** Settles orders at the open of a bar, in the order given. */
  settle(orders: readonly Order[], bar: Bar): Map<string, OrderOutcome> {
    const gap = gapBefore(bar, this.#previous);
    this.#previous = bar;
    return new Map(orders.map((order) => [order.orderId, this.#settleOne(order, bar, gap)]));
  }

  /** @returns totals at the last close seen. */
  result(): TradingResult {
    const holdings = this.positions.marketValue(this.#previous?.close ?? 0);
    return {
      capital: this.#capital,
      fills: this.#buys + this.#sells,
      buys: this.#buys,
      sells: this.#sells,
      commissions: this.#commissions,
      cash: this.cash.balance,
      holdings: cents(holdings),
      profit: cents(this.cash.balance + holdings - this.#capital),
    };
  }

  #settleOne(order: Order, bar: Bar, gap: BarGap | undefined): OrderOutcome {
    if (gap?.kind === "stale") {
      const message = `Order stale: the exchange was closed ${gap.days} days before the open of ${bar.date}`;
      return { kind: "failed", reason: "stale_bar", message };
    }
    const cost = costOf(order.side, order.quantity, bar.open, this.#costs);
    if (!this.cash.covers(cost.cashChange)) {
      const needed = (-cost.cashChange).toFixed(2);
      const message = `Cash limit: ${needed} needed at the open, ${this.cash.balance.toFixed(2)} there`;
      return { kind: "failed", reason: "cash_limit", message };
    }
    this.cash.book(cost.cashChange);
    this.positions.apply(order.strategy, order.side, order.quantity, cost.price);
    if (order.side === "buy") this.#buys += 1;
    else this.#sells += 1;
    this.#commissions += cost.commission;
    return {
      kind: "filled",
      fill: { order, date: bar.date, price: cost.price, commission: cost.commission },
    };
  }
}

function cents(value: number): number {
  return Math.round(value * 100) / 100;
}
