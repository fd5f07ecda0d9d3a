import { createFakeClock } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { createMaintenanceSchedule, type MaintenanceReason } from "./maintenance-schedule.ts";

/** Lets what is settled be noticed. */
async function turn(): Promise<void> {
  for (let n = 0; n < 10; n++) await Promise.resolve();
}

/** A schedule whose runs end when the test says so. */
function subject(options: { readonly jitter?: number; readonly random?: () => number } = {}) {
  const clock = createFakeClock();
  const begun: MaintenanceReason[] = [];
  const errors: unknown[] = [];
  const ends: ((error?: Error) => void)[] = [];
  let atOnce = 0;
  let atOnceMax = 0;
  const schedule = createMaintenanceSchedule<number>({
    intervalMs: 10_000,
    jitter: 0,
    ...options,
    clock,
    onError: (error) => errors.push(error),
    work: (reason, signal) =>
      new Promise((resolve, reject) => {
        begun.push(reason);
        atOnceMax = Math.max(atOnceMax, ++atOnce);
        const end = (error?: Error): void => {
          atOnce--;
          if (error === undefined) resolve(begun.length);
          else reject(error);
        };
        signal.addEventListener("abort", () => end(new Error("aborted")));
        ends.push(end);
      }),
  });
  const end = async (error?: Error): Promise<void> => {
    ends.shift()?.(error);
    await turn();
  };
  return { clock, schedule, begun, errors, end, atOnceMax: () => atOnceMax };
}

describe("a maintenance schedule", () => {
  it("stands still until it is started, then runs at intervals counted from the end of a run", async () => {
    const { clock, schedule, begun, end } = subject();
    clock.advance(50_000);
    schedule.note("seal");
    clock.advance(50_000);
    expect(begun).toEqual([]);
    schedule.start();
    schedule.start();
    clock.advance(9999);
    expect(begun).toEqual([]);
    clock.advance(1);
    await turn();
    clock.advance(20_000);
    expect(begun).toEqual(["interval"]);
    await end();
    clock.advance(10_000);
    await turn();
    expect(begun).toEqual(["interval", "interval"]);
  });

  it("shortens each wait by chance, so that processes do not work in step", async () => {
    const { clock, schedule, begun, end } = subject({ jitter: 0.5, random: () => 0.5 });
    schedule.start();
    clock.advance(7500);
    await end();
    clock.advance(7499);
    expect(begun).toHaveLength(1);
    clock.advance(1);
    expect(begun).toHaveLength(2);
  });

  it("runs two seconds after a seal, once for many, and at once under pressure", async () => {
    const { clock, schedule, begun, end } = subject();
    schedule.start();
    schedule.note("seal");
    clock.advance(1500);
    schedule.note("seal");
    clock.advance(499);
    expect(begun).toEqual([]);
    clock.advance(1);
    await end();
    schedule.note("seal");
    schedule.note("pressure");
    clock.advance(0);
    expect(begun).toEqual(["seal", "pressure"]);
    await end();
    clock.advance(2000);
    expect(begun).toEqual(["seal", "pressure"]);
  });

  it("does not put off the run at an interval, however often a segment is sealed meanwhile", async () => {
    const { clock, schedule, begun, end } = subject();
    schedule.start();
    for (let n = 0; n < 4; n++) {
      schedule.note("seal");
      clock.advance(2000);
      await end();
    }
    clock.advance(2000);
    expect(begun).toEqual(["seal", "seal", "seal", "seal", "interval"]);
  });

  it("tells the weightiest of the reasons that came up during a run", async () => {
    const { clock, schedule, begun, end } = subject();
    schedule.start();
    clock.advance(10_000);
    schedule.note("pressure");
    clock.advance(0);
    const asked = schedule.run();
    schedule.note("seal");
    clock.advance(2000);
    await end();
    await end();
    await asked;
    expect(begun).toEqual(["interval", "request"]);
  });

  it("never runs twice at a time: who asks during a run gets one run after it", async () => {
    const { schedule, begun, end, atOnceMax } = subject();
    const first = schedule.run();
    const second = schedule.run();
    const third = schedule.run();
    expect(second).toBe(third);
    expect(begun).toHaveLength(1);
    await end();
    await end();
    expect([await first, await second, begun.length, atOnceMax()]).toEqual([1, 2, 2, 1]);
  });

  it("goes on after a run that failed, and tells who asked or, if nobody did, the listener", async () => {
    const { clock, schedule, begun, errors, end } = subject();
    schedule.start();
    const failure = new Error("disk");
    const asked = schedule.run();
    await Promise.all([expect(asked).rejects.toBe(failure), end(failure)]);
    expect(errors).toEqual([]);
    clock.advance(10_000);
    await end(failure);
    expect(errors).toEqual([failure]);
    clock.advance(10_000);
    expect(begun).toHaveLength(3);
  });

  it("aborts what runs when it is stopped, waits for it, and never runs again", async () => {
    const { clock, schedule, begun } = subject();
    schedule.start();
    const running = schedule.run();
    const waiting = schedule.run();
    const results = Promise.allSettled([running, waiting]);
    await schedule.stop();
    await schedule.stop();
    schedule.start();
    schedule.note("pressure");
    clock.advance(100_000);
    expect((await results).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await expect(schedule.run()).rejects.toThrow("aborted");
    expect(begun).toHaveLength(1);
  });
});
