import { systemClock } from "@waybill/protocols";
import { describe, expect, it, vi } from "vitest";
import { clockConformance } from "./conformance/clock-conformance.ts";
import { createFakeClock } from "./fake-clock.ts";

describe("fake clock", () => {
  clockConformance(
    { describe, it, expect },
    {
      create: createFakeClock,
      advance: (clock, ms) => (clock as ReturnType<typeof createFakeClock>).advance(ms),
    },
  );

  it("stands still until it is moved", () => {
    const clock = createFakeClock({ nowMs: 1000 });
    expect([clock.now(), clock.monotonicUs()]).toEqual([1000, 0]);
    clock.advance(2.5);
    expect([clock.now(), clock.monotonicUs()]).toEqual([1002, 2500]);
  });

  it("runs timers that are set by timers, at their own time", () => {
    const clock = createFakeClock({ nowMs: 0 });
    const times: number[] = [];
    const again = (): void => {
      times.push(clock.now());
      clock.setTimer(again, 10);
    };
    clock.setTimer(again, 10);
    clock.advance(35);
    expect({ times, now: clock.now(), pending: clock.pendingTimers }).toEqual({
      times: [10, 20, 30],
      now: 35,
      pending: 1,
    });
  });

  it("jumps the wall clock without moving the monotonic one or running timers", () => {
    const clock = createFakeClock({ nowMs: 5000 });
    clock.advance(1);
    let runs = 0;
    clock.setTimer(() => {
      runs += 1;
    }, 1000);
    clock.setNow(1000);
    expect([clock.now(), clock.monotonicUs(), runs]).toEqual([1000, 1000, 0]);
    clock.advance(1000);
    expect([clock.now(), runs]).toEqual([2000, 1]);
  });

  it("refuses to go back, to nowhere, and to run for ever", () => {
    const clock = createFakeClock();
    expect(() => clock.advance(-1)).toThrow(RangeError);
    expect(() => clock.advance(Number.NaN)).toThrow(RangeError);
    const again = (): void => void clock.setTimer(again, 0);
    again();
    expect(() => clock.advance(1)).toThrow("timers in one advance");
  });

  it("stops at a timer that throws", () => {
    const clock = createFakeClock({ nowMs: 0 });
    clock.setTimer(() => {
      throw new Error("from the timer");
    }, 10);
    expect(() => clock.advance(50)).toThrow("from the timer");
    expect(clock.now()).toBe(10);
  });

  it("lets promise callbacks run between timers with advanceAsync", async () => {
    const clock = createFakeClock({ nowMs: 0 });
    const times: number[] = [];
    const sleep = (ms: number): Promise<void> => new Promise((resolve) => void clock.setTimer(resolve, ms));
    const loop = (async () => {
      for (let round = 0; round < 3; round += 1) {
        await sleep(10);
        times.push(clock.now());
      }
    })();
    await clock.advanceAsync(30);
    await loop;
    expect(times).toEqual([10, 20, 30]);
  });
});

describe("system clock under faked timers", () => {
  clockConformance(
    {
      describe,
      expect,
      it: (name, body) =>
        it(name, async () => {
          vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"] });
          try {
            await body();
          } finally {
            vi.useRealTimers();
          }
        }),
    },
    {
      create: () => systemClock,
      advance: async (_, ms) => void (await vi.advanceTimersByTimeAsync(ms)),
    },
  );
});
