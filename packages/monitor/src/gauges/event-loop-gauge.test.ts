import { createFakeClock } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { createEventLoopGauge } from "./event-loop-gauge.ts";

/** A clock whose timers run late, as on a blocked event loop: time passes, and only then they are run. */
function createStallingClock() {
  const clock = createFakeClock();
  let stalledUs = 0;
  return {
    clock: { ...clock, now: clock.now, monotonicUs: () => clock.monotonicUs() + stalledUs },
    stall: (ms: number) => {
      stalledUs += ms * 1000;
    },
    advance: clock.advance,
    pending: () => clock.pendingTimers,
  };
}

describe("createEventLoopGauge", () => {
  it("sees no delay when timers are on time", () => {
    const { clock, advance } = createStallingClock();
    const gauge = createEventLoopGauge({ resolutionMs: 20 }, clock);
    advance(1000);
    expect(gauge.read()).toMatchObject({ delayMeanMs: 0, delayP99Ms: 0, delayMaxMs: 0 });
    gauge.stop();
  });

  it("tells the longest stall, once", () => {
    const { clock, advance, stall } = createStallingClock();
    const gauge = createEventLoopGauge({ resolutionMs: 20 }, clock);
    advance(100);
    stall(250);
    advance(100);
    const [first, second] = [gauge.read(), gauge.read()];
    expect([first.delayMaxMs, second.delayMaxMs]).toEqual([250, 0]);
    gauge.stop();
  });

  it("tells a stall that the reading itself stands in", () => {
    const { clock, advance, stall, pending } = createStallingClock();
    const gauge = createEventLoopGauge({ resolutionMs: 20 }, clock);
    advance(20);
    stall(120);
    const during = gauge.read();
    advance(100);
    const after = gauge.read();
    expect([during.delayMaxMs, after.delayMaxMs, pending()]).toEqual([100, 0, 1]);
    gauge.stop();
  });

  it("measures a stall of this process", async () => {
    const gauge = createEventLoopGauge({ resolutionMs: 5 });
    const start = performance.now();
    while (performance.now() - start < 40);
    const { delayMaxMs, utilization } = gauge.read();
    gauge.stop();
    expect(delayMaxMs).toBeGreaterThanOrEqual(34);
    expect(delayMaxMs).toBeLessThan(performance.now() - start + 1);
    expect(utilization).toBeGreaterThanOrEqual(0);
    expect(utilization).toBeLessThanOrEqual(1);
  });

  it("leaves no timer behind when it is stopped, even twice", () => {
    const { clock, advance, pending } = createStallingClock();
    const gauge = createEventLoopGauge({}, clock);
    advance(100);
    gauge.stop();
    gauge.stop();
    expect(pending()).toBe(0);
    expect(gauge.read().delayMaxMs).toBe(0);
  });

  it.each([0, 1.5, 1001, Number.NaN])("refuses a resolution of %s ms", (resolutionMs) => {
    expect(() => createEventLoopGauge({ resolutionMs }, createFakeClock())).toThrow(RangeError);
  });
});
