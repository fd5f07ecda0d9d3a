import { describe, expect, it } from "vitest";
import { createFastClocks } from "./fast-clocks.ts";

function subject(factor: number) {
  const real = { ms: 1_000_000, us: 500, timers: [] as number[] };
  const clocks = createFastClocks(factor, {
    now: () => real.ms,
    monotonicUs: () => real.us,
    setTimer(_, delayMs) {
      real.timers.push(delayMs);
      return { cancel: () => undefined };
    },
  });
  return { real, clocks };
}

describe("fast clocks", () => {
  it("begin now, and let a day pass in a minute", () => {
    const { real, clocks } = subject(1440);
    expect(clocks.clock.now()).toBe(1_000_000);
    real.us += 60_000_000;
    expect(clocks.clock.now()).toBe(1_000_000 + 86_400_000);
    expect(clocks.elapsedMs()).toBe(86_400_000);
  });

  it("keep the pace of work real, and that of measurements simulated", () => {
    const { real, clocks } = subject(1440);
    real.us += 1_000_000;
    expect(clocks.clock.monotonicUs()).toBe(1_000_500);
    expect(clocks.monitorClock.monotonicUs()).toBe(500 + 1_440_000_000);
    expect(clocks.monitorClock.now()).toBe(clocks.clock.now());
  });

  it("set timers in real time", () => {
    const { real, clocks } = subject(1440);
    for (const { setTimer } of [clocks.clock, clocks.monitorClock]) setTimer(() => undefined, 50);
    expect(real.timers).toEqual([50, 50]);
  });

  it("follow no clock that is set, but the time that passes", () => {
    const { real, clocks } = subject(10);
    real.ms -= 3_600_000;
    real.us += 1000;
    expect(clocks.clock.now()).toBe(1_000_010);
  });
});
