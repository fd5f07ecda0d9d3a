import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "./clock.ts";

const dayMs = 86_400_000;

describe("systemClock", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 1_767_225_600_000 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("tells the time of the system in whole milliseconds, also when it is set back", () => {
    expect(systemClock.now()).toBe(1_767_225_600_000);
    vi.setSystemTime(1_767_225_599_000);
    expect(systemClock.now()).toBe(1_767_225_599_000);
  });

  it("counts whole microseconds, whatever happens to the time of the system", () => {
    const start = systemClock.monotonicUs();
    vi.setSystemTime(0);
    vi.advanceTimersByTime(2);
    expect(systemClock.monotonicUs() - start).toBe(2000);
  });

  it("calls once after the delay, not earlier", () => {
    const callback = vi.fn();
    systemClock.setTimer(callback, 100);
    vi.advanceTimersByTime(99);
    expect(callback).toHaveBeenCalledTimes(0);
    vi.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1000);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it("does not call what was cancelled, and cancels twice and too late without harm", () => {
    const [cancelled, done] = [vi.fn(), vi.fn()];
    const first = systemClock.setTimer(cancelled, 100);
    const second = systemClock.setTimer(done, 100);
    first.cancel();
    first.cancel();
    vi.advanceTimersByTime(100);
    second.cancel();
    expect(cancelled).toHaveBeenCalledTimes(0);
    expect(done).toHaveBeenCalledTimes(1);
  });

  it("waits longer than setTimeout can, 24.8 days", () => {
    const callback = vi.fn();
    systemClock.setTimer(callback, 60 * dayMs);
    vi.advanceTimersByTime(60 * dayMs - 1);
    expect(callback).toHaveBeenCalledTimes(0);
    vi.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it("cancels a long wait at any time of it", () => {
    const callback = vi.fn();
    const timer = systemClock.setTimer(callback, 60 * dayMs);
    vi.advanceTimersByTime(30 * dayMs);
    timer.cancel();
    vi.advanceTimersByTime(60 * dayMs);
    expect(callback).toHaveBeenCalledTimes(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("systemClock on this machine", () => {
  /** Node lists only those timers that keep the process alive. */
  const holdingTimers = (): number =>
    process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length;

  it("does not keep the process alive with a timer", () => {
    const before = holdingTimers();
    const held = setTimeout(() => undefined, dayMs);
    const withHeld = holdingTimers();
    clearTimeout(held);
    const timers = [
      systemClock.setTimer(() => undefined, dayMs),
      systemClock.setTimer(() => undefined, 60 * dayMs),
    ];
    const withOurs = holdingTimers();
    for (const timer of timers) timer.cancel();
    expect([withHeld - before, withOurs - before]).toEqual([1, 0]);
  });

  it("never goes back in 10 000 readings of the monotonic clock", () => {
    const readings = Array.from({ length: 10_000 }, () => systemClock.monotonicUs());
    expect(
      readings.every((reading, at) => Number.isInteger(reading) && reading >= (readings[at - 1] ?? 0)),
    ).toBe(true);
  });
});
