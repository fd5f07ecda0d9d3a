import { describe, expect, it } from "vitest";
import { createRateWindow } from "./rate-window.ts";

describe("createRateWindow", () => {
  it("counts what came since the start, not what was there before", () => {
    const rate = createRateWindow(60_000, 0, 1000);
    rate.add(10_000, 1003);
    expect(rate.perMinute()).toBe(3);
  });

  it("does not multiply what came in the first second by sixty", () => {
    const rate = createRateWindow(60_000, 0, 0);
    rate.add(1000, 1);
    expect(rate.perMinute()).toBe(1);
  });

  it("tells a steady rate exactly once a window has passed", () => {
    const rate = createRateWindow(60_000, 0, 0);
    for (let second = 10; second <= 600; second += 10) rate.add(second * 1000, second * 2);
    expect(rate.perMinute()).toBe(120);
  });

  it("forgets a burst once it is a window ago", () => {
    const rate = createRateWindow(60_000, 0, 0);
    rate.add(10_000, 500);
    const during = rate.perMinute();
    for (let second = 20; second <= 80; second += 10) rate.add(second * 1000, 500);
    expect([during, rate.perMinute()]).toEqual([500, 0]);
  });

  it("takes a counter that falls for one that was started anew", () => {
    const rate = createRateWindow(60_000, 0, 900);
    rate.add(10_000, 4);
    expect(rate.perMinute()).toBe(4);
  });

  it("counts over the time that has passed when readings are far apart", () => {
    const rate = createRateWindow(60_000, 0, 0);
    rate.add(600_000, 100);
    expect(rate.perMinute()).toBe(10);
  });
});
