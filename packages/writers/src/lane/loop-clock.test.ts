import { clockConformance } from "@waybill/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createLoopClock, type LoopClock } from "./loop-clock.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: 1_767_225_600_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const loops = new WeakMap<object, LoopClock>();
clockConformance(
  { describe, it, expect },
  {
    create() {
      const clock = createLoopClock();
      loops.set(clock, clock);
      return clock;
    },
    advance(clock, ms) {
      for (let passed = 0; passed < ms; passed++) {
        vi.advanceTimersByTime(1);
        loops.get(clock)?.runDue();
      }
    },
  },
);

describe("a clock that a loop runs", () => {
  it("sets no timer of the event loop", () => {
    createLoopClock().setTimer(() => undefined, 10);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("runs timers that fell due together in order of their times", () => {
    const clock = createLoopClock();
    const order: number[] = [];
    for (const ms of [30, 10, 20]) clock.setTimer(() => order.push(ms), ms);
    vi.advanceTimersByTime(100);
    clock.runDue();
    expect(order).toEqual([10, 20, 30]);
  });

  it("runs a timer at its time exactly, not a moment earlier", () => {
    const clock = createLoopClock();
    const callback = vi.fn();
    clock.setTimer(callback, 10);
    vi.advanceTimersByTime(9);
    clock.runDue();
    expect(callback).toHaveBeenCalledTimes(0);
    vi.advanceTimersByTime(1);
    clock.runDue();
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it("tells how long the loop may sleep: until the next timer", () => {
    const clock = createLoopClock();
    expect(clock.untilNextMs()).toBe(Number.POSITIVE_INFINITY);
    clock.setTimer(() => undefined, 50);
    const next = clock.setTimer(() => undefined, 20);
    expect(clock.untilNextMs()).toBe(20);
    vi.advanceTimersByTime(5);
    expect(clock.untilNextMs()).toBe(15);
    next.cancel();
    expect(clock.untilNextMs()).toBe(45);
    vi.advanceTimersByTime(60);
    expect(clock.untilNextMs()).toBe(0);
    clock.runDue();
    expect(clock.untilNextMs()).toBe(Number.POSITIVE_INFINITY);
  });

  it("leaves a timer that a callback sets without delay to the next call, so that a call ends", () => {
    const clock = createLoopClock();
    let runs = 0;
    const again = () => {
      runs++;
      clock.setTimer(again, 0);
    };
    again();
    clock.runDue();
    expect(runs).toBe(2);
  });

  it("does not run what an earlier callback of the same call has cancelled", () => {
    const clock = createLoopClock();
    const callback = vi.fn();
    clock.setTimer(() => second.cancel(), 1);
    const second = clock.setTimer(callback, 2);
    vi.advanceTimersByTime(5);
    clock.runDue();
    expect(callback).toHaveBeenCalledTimes(0);
  });

  it("throws what a callback throws, and runs the others in the next call, that one not again", () => {
    const clock = createLoopClock();
    const callback = vi.fn();
    clock.setTimer(() => {
      throw new Error("thrown");
    }, 1);
    clock.setTimer(callback, 2);
    vi.advanceTimersByTime(5);
    expect(() => clock.runDue()).toThrow("thrown");
    clock.runDue();
    expect(callback).toHaveBeenCalledTimes(1);
  });
});
