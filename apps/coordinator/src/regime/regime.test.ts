import { describe, expect, it } from "vitest";
import { RegimeClassifier } from "./regime-classifier.ts";
import { VolatilityDetector } from "./volatility-detector.ts";

describe("the volatility detector", () => {
  it("is ready after the window of returns, and gives the deviation per year", () => {
    const detector = new VolatilityDetector(2);
    const closes = [100, 110, 100];
    const values = closes.map((close) => detector.push(close));
    const up = Math.log(1.1);
    expect(values.slice(0, 2)).toEqual([undefined, undefined]);
    expect(values[2]).toBeCloseTo(Math.sqrt(2) * up * Math.sqrt(252), 9);
  });
});

describe("the regime classifier", () => {
  const classify = (volatilities: readonly number[]) => {
    const classifier = new RegimeClassifier({ calmBelow: 0.1, turbulentAbove: 0.2, hysteresis: 0.1 });
    return volatilities.map((volatility) => classifier.update(volatility));
  };

  it("tells changes only", () => {
    expect(classify([0.15, 0.05, 0.05, 0.15, 0.25, 0.3])).toEqual([
      undefined,
      "calm",
      undefined,
      "normal",
      "turbulent",
      undefined,
    ]);
  });

  it("does not flicker around a threshold", () => {
    expect(classify([0.21, 0.19, 0.21, 0.19, 0.17])).toEqual([
      "turbulent",
      undefined,
      undefined,
      undefined,
      "normal",
    ]);
    expect(classify([0.09, 0.105, 0.115])).toEqual(["calm", undefined, "normal"]);
  });
});
