import type { Clock } from "@waybill/protocols";
import type { ConformanceRunner } from "./runner.ts";

/** What {@link clockConformance} tests. */
export interface ClockConformanceSubject {
  /** A clock of its own for each test. */
  readonly create: () => Clock;
  /** Lets that many milliseconds pass on it and its due timers run. */
  readonly advance: (clock: Clock, ms: number) => void | Promise<void>;
}

/** Declares the tests that every {@link Clock} must pass. */
export function clockConformance(
  runner: ConformanceRunner,
  { create, advance }: ClockConformanceSubject,
): void {
  const { describe, it, expect } = runner;

  describe("clock conformance: time", () => {
    it("tells whole milliseconds and microseconds", () => {
      const clock = create();
      expect(Number.isInteger(clock.now())).toBe(true);
      expect(Number.isInteger(clock.monotonicUs())).toBe(true);
    });

    it("moves both clocks on as time passes", async () => {
      const clock = create();
      const [wallMs, monotonicUs] = [clock.now(), clock.monotonicUs()];
      await advance(clock, 50);
      expect(clock.now() - wallMs >= 50).toBe(true);
      expect(clock.monotonicUs() - monotonicUs >= 50_000).toBe(true);
    });
  });

  describe("clock conformance: timers", () => {
    it("runs a timer once, and not before its time", async () => {
      const clock = create();
      let runs = 0;
      clock.setTimer(() => {
        runs += 1;
      }, 40);
      expect(runs).toBe(0);
      await advance(clock, 20);
      expect(runs).toBe(0);
      await advance(clock, 30);
      expect(runs).toBe(1);
      await advance(clock, 100);
      expect(runs).toBe(1);
    });

    it("does not run a timer inside setTimer, even without delay", async () => {
      const clock = create();
      let runs = 0;
      clock.setTimer(() => {
        runs += 1;
      }, 0);
      expect(runs).toBe(0);
      await advance(clock, 5);
      expect(runs).toBe(1);
    });

    it("runs timers in order of their times, and of setting when those are equal", async () => {
      const clock = create();
      const order: string[] = [];
      clock.setTimer(() => order.push("late"), 30);
      clock.setTimer(() => order.push("early"), 10);
      clock.setTimer(() => order.push("early too"), 10);
      await advance(clock, 50);
      expect(order).toEqual(["early", "early too", "late"]);
    });

    it("never runs a cancelled timer", async () => {
      const clock = create();
      let runs = 0;
      const timer = clock.setTimer(() => {
        runs += 1;
      }, 10);
      timer.cancel();
      await advance(clock, 50);
      expect(runs).toBe(0);
    });

    it("lets a timer be cancelled twice, and after it has run", async () => {
      const clock = create();
      let runs = 0;
      const timer = clock.setTimer(() => {
        runs += 1;
      }, 10);
      await advance(clock, 20);
      timer.cancel();
      timer.cancel();
      expect(runs).toBe(1);
    });

    it("lets a timer set another", async () => {
      const clock = create();
      let runs = 0;
      clock.setTimer(() => {
        clock.setTimer(() => {
          runs += 1;
        }, 10);
      }, 10);
      await advance(clock, 50);
      expect(runs).toBe(1);
    });
  });
}
