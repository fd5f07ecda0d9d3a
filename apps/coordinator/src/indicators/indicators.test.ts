import { describe, expect, it } from "vitest";
import { MovingAverage } from "./moving-average.ts";
import { RelativeStrength } from "./relative-strength.ts";
import { RollingExtreme } from "./rolling-extreme.ts";
import { RollingWindow } from "./rolling-window.ts";

/** A price path without a period, from a fixed linear congruential generator. */
function walk(length: number): number[] {
  let seed = 42;
  let price = 1400;
  return Array.from({ length }, () => {
    seed = (seed * 1_664_525 + 1_013_904_223) % 2 ** 32;
    price *= 1 + (seed / 2 ** 32 - 0.5) / 25;
    return price;
  });
}

function naiveMean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function naiveDeviation(values: readonly number[]): number {
  const mean = naiveMean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

/** Wilder's index computed from the start of the series at every call. */
function naiveRelativeStrength(closes: readonly number[], period: number): number {
  const changes = closes.slice(1).map((close, index) => close - (closes[index] ?? 0));
  const smooth = (parts: readonly number[]): number => {
    let average = naiveMean(parts.slice(0, period));
    for (const part of parts.slice(period)) average = (average * (period - 1) + part) / period;
    return average;
  };
  const gain = smooth(changes.map((change) => Math.max(change, 0)));
  const loss = smooth(changes.map((change) => Math.max(-change, 0)));
  return (100 * gain) / (gain + loss);
}

const prices = walk(2000);

describe("the rolling window", () => {
  it.each([1, 2, 7, 60])("agrees with the mean of the last %i values", (size) => {
    const window = new RollingWindow(size);
    const differences = prices.map((price, index) => {
      window.push(price);
      const expected = index + 1 < size ? undefined : naiveMean(prices.slice(index + 1 - size, index + 1));
      const actual = window.mean();
      return expected === undefined || actual === undefined
        ? expected === actual
        : Math.abs(actual - expected) < 1e-9;
    });
    expect(differences.every(Boolean)).toBe(true);
  });

  it("agrees with the sample deviation of the last 20 values", () => {
    const window = new RollingWindow(20);
    for (const price of prices) window.push(price);
    expect(window.standardDeviation()).toBeCloseTo(naiveDeviation(prices.slice(-20)), 9);
  });

  it("has no deviation for equal values", () => {
    const window = new RollingWindow(5);
    for (let count = 0; count < 9; count += 1) window.push(1455.21);
    expect(window.standardDeviation()).toBeCloseTo(0, 9);
  });

  it("gives the oldest value only once it is full", () => {
    const window = new RollingWindow(3);
    window.push(1);
    window.push(2);
    expect(window.oldest).toBeUndefined();
    window.push(3);
    expect(window.oldest).toBe(1);
    window.push(4);
    expect(window.oldest).toBe(2);
  });

  it.each([0, -1, 1.5, Number.NaN])("refuses the size %d", (size) => {
    expect(() => new RollingWindow(size)).toThrow(RangeError);
  });
});

describe("the moving average", () => {
  it.each([1, 3, 50, 200])("agrees with recomputation over %i values and does not drift", (size) => {
    const average = new MovingAverage(size);
    const worst = prices.map((price, index) => {
      const actual = average.push(price);
      if (index + 1 < size) return actual === undefined ? 0 : Number.POSITIVE_INFINITY;
      return Math.abs((actual ?? Number.NaN) - naiveMean(prices.slice(index + 1 - size, index + 1)));
    });
    expect(Math.max(...worst)).toBeLessThan(1e-9);
  });
});

describe("the moving average after a huge value", () => {
  it("has its digits back once the value has left the window", () => {
    const average = new MovingAverage(3);
    const averages = [1e17, 1, 1, 1, 1, 1].map((value) => average.push(value));
    expect(averages.at(-1)).toBe(1);
  });
});

describe("the rolling extreme", () => {
  it.each([1, 2, 20, 55])("agrees with the highest and lowest of %i values", (size) => {
    const highest = new RollingExtreme(size, "highest");
    const lowest = new RollingExtreme(size, "lowest");
    const agrees = prices.map((price, index) => {
      highest.push(price);
      lowest.push(price);
      if (index + 1 < size) return highest.value === undefined && lowest.value === undefined;
      const window = prices.slice(index + 1 - size, index + 1);
      return highest.value === Math.max(...window) && lowest.value === Math.min(...window);
    });
    expect(agrees.every(Boolean)).toBe(true);
  });

  it("forgets an extreme that has left the window, also among equal values", () => {
    const highest = new RollingExtreme(2, "highest");
    const seen = [5, 5, 1, 1, 1].map((value) => {
      highest.push(value);
      return highest.value;
    });
    expect(seen).toEqual([undefined, 5, 5, 1, 1]);
  });
});

describe("the relative strength index", () => {
  it.each([2, 14, 21])("agrees with Wilder's formula for a period of %i", (period) => {
    const index = new RelativeStrength(period);
    const worst = prices.slice(0, 300).map((price, position) => {
      const actual = index.push(price);
      if (position < period) return actual === undefined ? 0 : Number.POSITIVE_INFINITY;
      return Math.abs((actual ?? Number.NaN) - naiveRelativeStrength(prices.slice(0, position + 1), period));
    });
    expect(Math.max(...worst)).toBeLessThan(1e-6);
  });

  it("is 100 when prices only rise, 0 when they only fall, 50 when they stand still", () => {
    const last = (closes: readonly number[]) => {
      const index = new RelativeStrength(3);
      return closes.map((close) => index.push(close)).at(-1);
    };
    expect(last([1, 2, 3, 4, 5])).toBe(100);
    expect(last([5, 4, 3, 2, 1])).toBe(0);
    expect(last([5, 5, 5, 5, 5])).toBe(50);
  });
});
