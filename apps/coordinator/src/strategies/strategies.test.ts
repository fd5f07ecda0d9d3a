import { describe, expect, it } from "vitest";
import type { Bar } from "../market/bar.ts";
import { createBreakout } from "./breakout.ts";
import { createMaCross } from "./ma-cross.ts";
import { createMeanReversion } from "./mean-reversion.ts";
import { createMomentum } from "./momentum.ts";
import { createStrategy, strategiesMax } from "./parameter-sets.ts";
import { createRsi } from "./rsi.ts";
import { type Strategy, strategyFamilies } from "./strategy.ts";

function barOf(close: number, index: number, dayNumber = 11_000 + index): Bar {
  return {
    date: `day ${index}`,
    dayNumber,
    open: close,
    high: close + 1,
    low: close - 1,
    close,
    volume: 1e9,
  };
}

/** Feeds closes and shows where signals fall: `b`, `s`, `.` for none, `-` during warm-up. */
function trace(strategy: Strategy, closes: readonly number[]): string {
  return closes
    .map((close, index) => {
      const { indicator, signal } = strategy.next(barOf(close, index));
      if (indicator === undefined) return "-";
      return signal === undefined ? "." : signal.side.charAt(0);
    })
    .join("");
}

describe("the strategies", () => {
  it("momentum buys once when the return reaches the entry and sells once when it is negative", () => {
    const closes = [100, 100, 101, 104, 106, 107, 104, 103, 102];
    expect(trace(createMomentum({ lookbackBars: 2, entryReturn: 0.03 }), closes)).toBe("--.b..s..");
  });

  it("mean reversion buys far below the mean and sells at the mean", () => {
    const closes = [100, 101, 100, 101, 80, 85, 100, 101];
    expect(trace(createMeanReversion({ windowBars: 4, entryDeviations: 1.4 }), closes)).toBe("---.b.s.");
  });

  it("mean reversion throws on the first bar after a closure, and goes on with the next", () => {
    const strategy = createMeanReversion({ windowBars: 2, entryDeviations: 1 });
    strategy.next(barOf(100, 0, 11_000));
    strategy.next(barOf(101, 1, 11_001));
    expect(() => strategy.next(barOf(95, 2, 11_008))).toThrow("hole of 7 days");
    expect(strategy.next(barOf(96, 3, 11_009)).indicator).toBeDefined();
  });

  it("rsi buys oversold and sells overbought", () => {
    const closes = [100, 99, 98, 97, 98, 100, 103, 107];
    expect(trace(createRsi({ periodBars: 2, oversold: 20, overbought: 80 }), closes)).toBe("--b..s..");
  });

  it("breakout buys above the channel of the bars before and sells below it", () => {
    const closes = [100, 101, 102, 104, 103, 99, 98];
    expect(trace(createBreakout({ entryBars: 2, exitBars: 2 }), closes)).toBe("--.b.s.");
  });

  it("moving-average cross trades the crossing, not the side on which the averages begin", () => {
    const closes = [100, 101, 102, 103, 99, 95, 94, 99, 104];
    expect(trace(createMaCross({ fastBars: 1, slowBars: 3 }), closes)).toBe("--.....b.");
  });

  it.each(Array.from({ length: 50 }, (_, index) => index + 1))(
    "number %i is ready exactly after its warm-up",
    (number) => {
      const strategy = createStrategy(number);
      const closes = Array.from(
        { length: strategy.warmupBars + 3 },
        (_, index) => 1000 + 30 * Math.sin(index),
      );
      const seen = closes.map((close, index) => strategy.next(barOf(close, index)).indicator !== undefined);
      expect(seen.indexOf(true) + 1).toBe(strategy.warmupBars);
    },
  );

  it("always gives a strength above 0 and up to 1", () => {
    const strengths = Array.from({ length: strategiesMax }, (_, index) => createStrategy(index + 1)).flatMap(
      (strategy) =>
        Array.from(
          { length: 400 },
          (_, bar) => strategy.next(barOf(1000 + 200 * Math.sin(bar / 9), bar)).signal?.strength ?? 1,
        ),
    );
    expect(strengths.every((strength) => strength > 0 && strength <= 1)).toBe(true);
  });
});

describe("the parameter sets", () => {
  it("gives ten strategies of each family for the first fifty numbers", () => {
    const families = Array.from({ length: 50 }, (_, index) => createStrategy(index + 1).family);
    expect(strategyFamilies.map((family) => families.filter((each) => each === family).length)).toEqual([
      10, 10, 10, 10, 10,
    ]);
  });

  it("gives no parameter set twice", () => {
    const sets = Array.from({ length: strategiesMax }, (_, index) => {
      const { family, parameters } = createStrategy(index + 1);
      return JSON.stringify([family, parameters]);
    });
    expect(new Set(sets).size).toBe(strategiesMax);
  });

  it.each([0, 501, 1.5, -1])("refuses the number %d", (number) => {
    expect(() => createStrategy(number)).toThrow(RangeError);
  });
});
