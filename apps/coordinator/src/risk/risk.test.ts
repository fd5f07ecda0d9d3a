import { describe, expect, it } from "vitest";
import { decide, type RiskQuestion } from "./decide.ts";
import { defaultRiskLimits } from "./limits.ts";
import { PortfolioTracker } from "./portfolio-tracker.ts";

const buy = { side: "buy", strength: 0.2, reason: "" } as const;
const sell = { side: "sell", strength: 0.2, reason: "" } as const;

const question: RiskQuestion = {
  signal: buy,
  price: 1000,
  gap: { days: 1, kind: "regular" },
  barsSeen: 100,
  regime: "normal",
  equity: 1_000_000,
  freeCash: 1_000_000,
  exposure: 0,
  held: 0,
};

describe("decide", () => {
  it("sizes a buy by conviction", () => {
    expect(decide(question, defaultRiskLimits)).toEqual({
      kind: "order",
      quantity: 35,
      clippedFrom: undefined,
    });
  });

  it("clips a strong buy to the position limit", () => {
    const strong = { ...question, signal: { ...buy, strength: 1 } };
    expect(decide(strong, defaultRiskLimits)).toEqual({ kind: "order", quantity: 50, clippedFrom: 75 });
  });

  it("sells all that is held", () => {
    expect(decide({ ...question, signal: sell, held: 12 }, defaultRiskLimits)).toMatchObject({
      kind: "order",
      quantity: 12,
    });
  });

  it.each([
    ["stale_bar", { gap: { days: 7, kind: "stale" } }, "Stale bar: 7 days without trading before it"],
    ["insufficient_history", { barsSeen: 19 }, "Insufficient history: 19 of 20 bars"],
    ["nothing_to_sell", { signal: sell }, "Nothing to sell"],
    ["position_limit", { held: 50 }, "Position limit: 50 shares held, 0 more allowed"],
    ["exposure_limit", { exposure: 480_000, regime: "turbulent" }, "Exposure limit: 515000.00 > 500000.00"],
    ["cash_limit", { freeCash: 54_999 }, "Cash limit: 35000.00 needed, 34999.00 free"],
  ] as const)("refuses with %s", (reason, change, message) => {
    expect(decide({ ...question, ...change }, defaultRiskLimits)).toMatchObject({
      kind: "refusal",
      reason,
      message,
    });
  });

  it("passes an order that meets every limit exactly", () => {
    const exact = { ...question, freeCash: 55_000, exposure: 465_000, regime: "turbulent" } as const;
    expect(decide(exact, defaultRiskLimits)).toMatchObject({ kind: "order", quantity: 35 });
  });
});

describe("the portfolio as risk sees it", () => {
  it("holds cash and exposure for promised buys until they are closed", () => {
    const portfolio = new PortfolioTracker(1000);
    portfolio.mark(10);
    portfolio.promise("a", { strategy: "s1", side: "buy", quantity: 30, price: 10 });
    expect([portfolio.freeCash, portfolio.exposure, portfolio.equity, portfolio.heldBy("s1")]).toEqual([
      700, 300, 1000, 30,
    ]);
    portfolio.apply({ cash: 699, holdings: [{ strategy: "s1", quantity: 30 }], closedOrderIds: ["a"] });
    expect([portfolio.freeCash, portfolio.exposure, portfolio.equity, portfolio.heldBy("s1")]).toEqual([
      699, 300, 999, 30,
    ]);
  });

  it("does not count shares that are being sold as held", () => {
    const portfolio = new PortfolioTracker(0);
    portfolio.apply({ cash: 0, holdings: [{ strategy: "s1", quantity: 5 }], closedOrderIds: [] });
    portfolio.promise("b", { strategy: "s1", side: "sell", quantity: 5, price: 10 });
    expect([portfolio.heldBy("s1"), portfolio.openOrders]).toEqual([0, 1]);
  });
});
