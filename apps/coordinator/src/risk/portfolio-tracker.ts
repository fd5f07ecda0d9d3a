/** What execution last told of one strategy's holding. */
export interface HoldingReport {
  readonly strategy: string;
  readonly quantity: number;
}

/** What execution tells after it has settled orders. */
export interface PortfolioReport {
  readonly cash: number;
  readonly holdings: readonly HoldingReport[];
  /** Orders that are no longer open, filled or not. */
  readonly closedOrderIds: readonly string[];
}

interface OpenOrder {
  readonly strategy: string;
  readonly side: "buy" | "sell";
  readonly quantity: number;
  readonly value: number;
}

/**
 * The portfolio as risk sees it: what execution reported, plus what risk itself has promised since. A promise holds
 * cash and exposure until execution reports the order closed.
 */
export class PortfolioTracker {
  #cash: number;
  #price = 0;
  #holdings = new Map<string, number>();
  readonly #openOrders = new Map<string, OpenOrder>();

  /** @param capital - cash at the start, in money. */
  constructor(capital: number) {
    this.#cash = capital;
  }

  /** Values all holdings at a new price. */
  mark(price: number): void {
    this.#price = price;
  }

  promise(
    orderId: string,
    order: { strategy: string; side: "buy" | "sell"; quantity: number; price: number },
  ): void {
    const { strategy, side, quantity, price } = order;
    this.#openOrders.set(orderId, { strategy, side, quantity, value: quantity * price });
  }

  apply(report: PortfolioReport): void {
    this.#cash = report.cash;
    this.#holdings = new Map(report.holdings.map(({ strategy, quantity }) => [strategy, quantity]));
    for (const id of report.closedOrderIds) this.#openOrders.delete(id);
  }

  /** Cash plus holdings at the last price. */
  get equity(): number {
    let shares = 0;
    for (const quantity of this.#holdings.values()) shares += quantity;
    return this.#cash + shares * this.#price;
  }

  /** Cash that no open buy needs. */
  get freeCash(): number {
    return this.#cash - this.#openBuyValue();
  }

  /** Holdings at the last price plus open buys. */
  get exposure(): number {
    return this.equity - this.#cash + this.#openBuyValue();
  }

  get openOrders(): number {
    return this.#openOrders.size;
  }

  /** Shares of one strategy that are held and not already being sold. */
  heldBy(strategy: string): number {
    let held = this.#holdings.get(strategy) ?? 0;
    for (const order of this.#openOrders.values()) {
      if (order.strategy !== strategy) continue;
      held += order.side === "buy" ? order.quantity : -order.quantity;
    }
    return held;
  }

  #openBuyValue(): number {
    let value = 0;
    for (const order of this.#openOrders.values()) if (order.side === "buy") value += order.value;
    return value;
  }
}
