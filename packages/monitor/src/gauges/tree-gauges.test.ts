import { describe, expect, it } from "vitest";
import { treeUsage } from "../../test/support/snapshots.ts";
import { createTreeGauges } from "./tree-gauges.ts";

const options = { windowMs: 3_600_000, minSpanMs: 60_000 };
const mib = 2 ** 20;

describe("createTreeGauges", () => {
  it("names the limit that comes first", () => {
    const gauges = createTreeGauges({ maxTotalBytes: 1000 * mib, minFreeBytes: 10 * mib }, options);
    // The tree grows by 1 MiB a second and would be full in 880 s; others fill the device in 380 s.
    let disk = gauges.measure(0, undefined, undefined);
    for (let second = 0; second <= 120; second += 10)
      disk = gauges.measure(second * 1000, treeUsage({ totalBytes: second * mib }), {
        freeBytes: (510 - second) * mib,
        capacityBytes: 4000 * mib,
      });
    expect(disk).toMatchObject({
      limitBytes: 1000 * mib,
      usedShare: 0.12,
      freeBytes: 390 * mib,
      capacityBytes: 4000 * mib,
      forecast: { state: "filling", limit: { name: "min_free_disk" } },
    });
    expect(disk.forecast?.state === "filling" && disk.forecast.inMs).toBeCloseTo(380_000, 3);
    expect(disk.growthBytesPerSecond).toBeCloseTo(mib, 3);
  });

  it("has no number for what was not measured, and no forecast without anything to fill", () => {
    expect(createTreeGauges({}, options).measure(0, undefined, undefined)).toEqual({
      usage: undefined,
      limitBytes: undefined,
      usedShare: undefined,
      freeBytes: undefined,
      capacityBytes: undefined,
      growthBytesPerSecond: undefined,
      forecast: undefined,
    });
    expect(createTreeGauges({}, options).measure(0, treeUsage(), undefined).forecast).toBe(undefined);
  });

  it("takes an empty device for the limit when nothing must stay free", () => {
    const device = { freeBytes: 0, capacityBytes: mib };
    expect(createTreeGauges({}, options).measure(0, undefined, device).forecast).toMatchObject({
      state: "full",
      limit: { name: "min_free_disk", bound: 0 },
    });
  });

  it("takes a share of the device for what must stay free", () => {
    const device = { freeBytes: 50, capacityBytes: 1000 };
    const limits = { minFreeBytes: 20, minFreeShare: 0.05 };
    expect(createTreeGauges(limits, options).measure(0, undefined, device).forecast).toMatchObject({
      state: "full",
      limit: { bound: 50 },
    });
  });

  it("goes on with what it measured when the limits change", () => {
    const gauges = createTreeGauges({ maxTotalBytes: 100 * mib }, options);
    const measureAt = (second: number) =>
      gauges.measure(second * 1000, treeUsage({ totalBytes: second * mib }), undefined);
    for (let second = 0; second < 100; second += 10) measureAt(second);
    gauges.setLimits({ maxTotalBytes: 200 * mib });
    const { limitBytes, usedShare, forecast } = measureAt(100);
    expect([limitBytes, usedShare, forecast?.state === "filling" && Math.round(forecast.inMs)]).toEqual([
      200 * mib,
      0.5,
      100_000,
    ]);
    expect(() => gauges.setLimits({ maxTotalBytes: -1 })).toThrow(RangeError);
    expect(measureAt(110).limitBytes).toBe(200 * mib);
  });

  it.each([
    { maxTotalBytes: -1 },
    { minFreeBytes: Number.NaN },
    { maxTotalBytes: Number.POSITIVE_INFINITY },
    { minFreeShare: 1.1 },
  ])("refuses %j", (limits) => {
    expect(() => createTreeGauges(limits, options)).toThrow(RangeError);
  });
});
