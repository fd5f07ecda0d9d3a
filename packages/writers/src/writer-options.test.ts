import { describe, expect, it } from "vitest";
import { differingOption, resolveStreamOptions } from "./writer-options.ts";

describe("resolveStreamOptions", () => {
  it("fills in the defaults, also for undefined", () => {
    expect(resolveStreamOptions({ batchEntriesMax: undefined as never })).toEqual({
      mode: "batched",
      batchEntriesMax: 1000,
      writeThrough: true,
      flushIntervalMs: 50,
      segmentBytesMax: 104_857_600,
      compress: false,
      compressDelayMs: 60_000,
      queueBytesMax: 4_194_304,
      overflow: "drop_lowest_level",
      blockMsMax: 100,
      rotate: "never",
      timeZone: "UTC",
    });
  });

  const integers = [
    ["batchEntriesMax", 1, 1_000_000],
    ["flushIntervalMs", 1, 60_000],
    ["segmentBytesMax", 1024, Number.MAX_SAFE_INTEGER],
    ["compressDelayMs", 0, 86_400_000],
    ["queueBytesMax", 4096, 1_073_741_824],
  ] as const;

  it.each(integers)("takes %s from %d to %d and nothing else", (name, smallest, largest) => {
    expect(resolveStreamOptions({ [name]: smallest })[name]).toBe(smallest);
    expect(resolveStreamOptions({ [name]: largest })[name]).toBe(largest);
    for (const value of [smallest - 1, largest + 1, smallest + 0.5, Number.NaN, String(smallest), null]) {
      expect(() => resolveStreamOptions({ [name]: value })).toThrow(RangeError);
    }
    expect(() => resolveStreamOptions({ [name]: -7 })).toThrow(new RegExp(`${name} .*${smallest}.*-7`));
  });

  it("refuses an unknown mode and a compress that is no boolean", () => {
    expect(() => resolveStreamOptions({ mode: "fast" as never })).toThrow(/mode must be .* "fast"/);
    expect(() => resolveStreamOptions({ compress: "no" as never })).toThrow(/compress must be .* "no"/);
  });
});

describe("differingOption", () => {
  it("names the first option that differs", () => {
    const a = resolveStreamOptions();
    expect(differingOption(a, resolveStreamOptions({ mode: "batched" }))).toBeUndefined();
    expect(differingOption(a, { ...a, compress: true, queueBytesMax: 5000 })).toBe("compress");
  });
});
