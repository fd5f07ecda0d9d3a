import { describe, expect, it } from "vitest";
import type { Bar } from "../market/bar.ts";
import { CashLedger } from "./cash-ledger.ts";
import { costOf, defaultCostModel } from "./cost-model.ts";
import { FillProcessor } from "./fill-processor.ts";
import type { Order } from "./order.ts";
import { OrderDeskBusyError, OrderManager } from "./order-manager.ts";
import { PositionTracker } from "./position-tracker.ts";

function orderOf(orderId: string, side: "buy" | "sell", quantity: number, strategy = "s1"): Order {
  return { orderId, strategy, side, quantity, referencePrice: 100, referenceDate: "2001-01-02" };
}

function barOf(dayNumber: number, open: number): Bar {
  return { date: `day ${dayNumber}`, dayNumber, open, high: open, low: open, close: open, volume: 1 };
}

const free = { slippageBasisPoints: 0, commissionPerShare: 0, commissionMin: 0 };

describe("costOf", () => {
  it("moves the price against the order and adds the least commission", () => {
    expect(costOf("buy", 10, 1000, defaultCostModel)).toEqual({
      price: 1000.2,
      commission: 1,
      cashChange: -10_003,
    });
    expect(costOf("sell", 10, 1000, defaultCostModel)).toEqual({
      price: 999.8,
      commission: 1,
      cashChange: 9997,
    });
  });
});

describe("the cash ledger", () => {
  it("adds thousands of cents without an error and refuses to overdraw", () => {
    const ledger = new CashLedger(0);
    for (let count = 0; count < 10_000; count += 1) ledger.book(0.1);
    expect(ledger.balance).toBe(1000);
    expect(ledger.covers(-1000)).toBe(true);
    expect(() => ledger.book(-1000.01)).toThrow(RangeError);
  });
});

describe("the position tracker", () => {
  it("averages buys and realises profit on sells", () => {
    const positions = new PositionTracker();
    positions.apply("s1", "buy", 10, 100);
    positions.apply("s1", "buy", 10, 110);
    expect(positions.apply("s1", "sell", 5, 120)).toEqual({ quantity: 15, averagePrice: 105 });
    expect([positions.realised, positions.unrealised(100), positions.marketValue(100)]).toEqual([
      75, -75, 1500,
    ]);
  });

  it("forgets a position that is closed and refuses to sell more than is held", () => {
    const positions = new PositionTracker();
    positions.apply("s1", "buy", 1, 100);
    positions.apply("s1", "sell", 1, 100);
    expect(positions.holdings.size).toBe(0);
    expect(() => positions.apply("s1", "sell", 1, 100)).toThrow("cannot sell 1 of 0 shares");
  });
});

describe("the order manager", () => {
  it("takes a burst of limited size per turn, and more in the next", () => {
    const orders = new OrderManager({ ordersPerTurnMax: 1 });
    orders.accept(orderOf("a", "buy", 1), 7);
    expect(() => orders.accept(orderOf("b", "buy", 1), 7)).toThrow(OrderDeskBusyError);
    orders.accept(orderOf("b", "buy", 1), 8);
    expect(orders.workingCount).toBe(2);
  });

  it("hands over sells before buys, and then has none", () => {
    const orders = new OrderManager();
    for (const order of [orderOf("a", "buy", 1), orderOf("b", "sell", 1), orderOf("c", "buy", 1)])
      orders.accept(order, 1);
    expect(orders.takeAll().map(({ orderId }) => orderId)).toEqual(["b", "a", "c"]);
    expect(orders.workingCount).toBe(0);
  });

  it("refuses an id that is already working", () => {
    const orders = new OrderManager();
    orders.accept(orderOf("a", "buy", 1), 1);
    expect(() => orders.accept(orderOf("a", "buy", 1), 2)).toThrow("already working");
  });
});

describe("the fill processor", () => {
  it("fills at the open and keeps cash, positions and profit", () => {
    const fills = new FillProcessor({ capital: 1000, costs: free });
    fills.settle([orderOf("a", "buy", 5)], barOf(1, 100));
    const outcomes = fills.settle([orderOf("b", "sell", 5)], barOf(2, 110));
    expect(outcomes.get("b")).toMatchObject({ kind: "filled", fill: { price: 110, commission: 0 } });
    expect(fills.result()).toMatchObject({
      fills: 2,
      buys: 1,
      sells: 1,
      cash: 1050,
      holdings: 0,
      profit: 50,
    });
  });

  it("fails a buy that the cash does not cover, and goes on with the next", () => {
    const fills = new FillProcessor({ capital: 100, costs: free });
    const outcomes = fills.settle([orderOf("a", "buy", 2), orderOf("b", "buy", 1)], barOf(1, 100));
    expect([...outcomes.values()].map(({ kind }) => kind)).toEqual(["failed", "filled"]);
    expect(outcomes.get("a")).toMatchObject({
      reason: "cash_limit",
      message: "Cash limit: 200.00 needed at the open, 100.00 there",
    });
  });

  it("fails orders whose open comes after a closure of the exchange", () => {
    const fills = new FillProcessor({ capital: 1000, costs: free });
    fills.settle([], barOf(1, 100));
    expect(fills.settle([orderOf("a", "buy", 1)], barOf(8, 100)).get("a")).toMatchObject({
      reason: "stale_bar",
    });
    expect(fills.result().fills).toBe(0);
  });
});
