import type { Side } from "../strategies/strategy.ts";

/** What trading costs. */
export interface CostModel {
  /** How far the price moves against the order, in hundredths of a per cent. Default 2. */
  readonly slippageBasisPoints: number;
  /** Money per share. Default 0.005. */
  readonly commissionPerShare: number;
  /** Least commission of one order, in money. Default 1. */
  readonly commissionMin: number;
}

/** The costs used when the configuration gives none. */
export const defaultCostModel: CostModel = {
  slippageBasisPoints: 2,
  commissionPerShare: 0.005,
  commissionMin: 1,
};

/** The price and the commission of one fill. */
export interface FillCost {
  /** Per share, slippage included. */
  readonly price: number;
  readonly commission: number;
  /** What the fill changes the cash by: negative for a buy. */
  readonly cashChange: number;
}

/** Prices a fill at a market price. */
export function costOf(side: Side, quantity: number, marketPrice: number, model: CostModel): FillCost {
  const slippage = (marketPrice * model.slippageBasisPoints) / 10_000;
  const price = roundToCent(side === "buy" ? marketPrice + slippage : marketPrice - slippage);
  const commission = roundToCent(Math.max(model.commissionMin, quantity * model.commissionPerShare));
  const value = roundToCent(price * quantity);
  return {
    price,
    commission,
    cashChange: roundToCent(side === "buy" ? -value - commission : value - commission),
  };
}

function roundToCent(value: number): number {
  return Math.round(value * 100) / 100;
}
