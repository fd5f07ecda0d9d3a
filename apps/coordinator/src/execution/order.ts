import type { Side } from "../strategies/strategy.ts";

/** An order that risk has approved: good for the next open only. */
export interface Order {
  /** Equal to the correlation id of the flow that led to it. */
  readonly orderId: string;
  readonly strategy: string;
  readonly side: Side;
  /** Whole shares, ≥ 1. */
  readonly quantity: number;
  /** Close of the bar that led to it. */
  readonly referencePrice: number;
  /** Day of that bar, `YYYY-MM-DD`. */
  readonly referenceDate: string;
}

/** A bought or sold order. */
export interface Fill {
  readonly order: Order;
  /** Day of the open at which it was filled, `YYYY-MM-DD`. */
  readonly date: string;
  /** Per share, slippage included. */
  readonly price: number;
  readonly commission: number;
}

/** How an order ended. */
export type OrderOutcome =
  | { readonly kind: "filled"; readonly fill: Fill }
  | { readonly kind: "expired"; readonly message: string }
  | { readonly kind: "failed"; readonly reason: "cash_limit" | "stale_bar"; readonly message: string };
