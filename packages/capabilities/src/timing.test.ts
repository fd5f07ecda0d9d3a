import { createFakeClock } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { attachTiming, timingOf } from "./index.ts";

function createScene() {
  const clock = createFakeClock();
  const component = {
    work(ms: number) {
      clock.advance(ms);
      return ms;
    },
    async later(ms: number) {
      await Promise.resolve();
      clock.advance(ms);
      return ms;
    },
    fail() {
      clock.advance(1);
      throw new Error("no");
    },
    twice() {
      return this.work(1) + this.work(1);
    },
  };
  return { clock, component };
}

describe("attachTiming", () => {
  it("counts calls, errors and durations by method", () => {
    const { clock, component } = createScene();
    const timed = attachTiming(component, { clock });
    for (const ms of [1, 2, 3, 94]) timed.work(ms);
    expect(() => timed.fail()).toThrow("no");
    const work = timed.getTimings().get("work");
    expect(work).toMatchObject({ count: 4, errors: 0, active: 0, totalUs: 100_000, maxUs: 94_000 });
    expect(Math.abs((work?.p50Us ?? 0) - 2000)).toBeLessThanOrEqual(250);
    expect(work?.p99Us).toBeLessThanOrEqual(94_000);
    expect(timed.getTimings().get("fail")).toMatchObject({ count: 1, errors: 1, totalUs: 1000 });
  });

  it("measures a promise until it is settled", async () => {
    const { clock, component } = createScene();
    const timed = attachTiming(component, { clock });
    const pending = timed.later(7);
    expect(timed.getTimings().get("later")).toMatchObject({ count: 0, active: 1 });
    expect(await pending).toBe(7);
    expect(timed.getTimings().get("later")).toMatchObject({ count: 1, active: 0, totalUs: 7000 });
  });

  it("does not see what the component calls on itself", () => {
    const { clock, component } = createScene();
    const timed = attachTiming(component, { clock });
    timed.twice();
    expect([...timed.getTimings().keys()]).toEqual(["twice"]);
  });

  it("measures chosen methods only", () => {
    const { clock, component } = createScene();
    const timed = attachTiming(component, { clock, methods: ["work"] });
    timed.work(1);
    timed.twice();
    expect([...timed.getTimings().keys()]).toEqual(["work"]);
  });

  it("measures at most methodsMax methods and counts the calls of others", () => {
    const { clock, component } = createScene();
    const timed = attachTiming(component, { clock, methodsMax: 1 });
    timed.work(1);
    timed.twice();
    timed.twice();
    expect([timed.getTimings().size, timingOf(timed).unmeasured]).toEqual([1, 2]);
    timed.resetTimings();
    expect([timed.getTimings().size, timingOf(timed).unmeasured]).toEqual([0, 0]);
    expect(() => attachTiming({}, { methodsMax: 0 })).toThrow(
      "methodsMax must be an integer of at least 1, not 0",
    );
  });

  it("keeps a failing clock away from the caller and counts it", () => {
    const { clock, component } = createScene();
    const monotonicUs = (): never => {
      throw new Error("no time");
    };
    const timed = attachTiming(component, { clock: { ...clock, monotonicUs } });
    expect(timed.work(1)).toBe(1);
    expect(timingOf(timed).failures).toBe(1);
  });

  it("names symbol methods", () => {
    const timed = attachTiming(new Set([1]));
    expect([...timed]).toEqual([1]);
    expect([...timed.getTimings().keys()]).toEqual(["Symbol(Symbol.iterator)"]);
  });
});
