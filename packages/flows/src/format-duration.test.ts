import { describe, expect, it } from "vitest";
import { formatDurationMs } from "./format-duration.ts";

describe("formatDurationMs", () => {
  it.each([
    [0, "0ms"],
    [0.001, "<0.01ms"],
    [0.05, "0.05ms"],
    [1.7241, "1.72ms"],
    [2, "2ms"],
    [9.996, "10.0ms"],
    [14.44, "14.4ms"],
    [99.96, "100ms"],
    [264.2, "264ms"],
    [999.4, "999ms"],
    [999.7, "1.00s"],
    [1200, "1.20s"],
    [2000, "2s"],
    [83_456, "83.5s"],
    [3_600_000, "3,600s"],
    [-1.5, "-1.50ms"],
    [Number.NaN, "?"],
  ])("formats %d as %s", (ms, text) => {
    expect(formatDurationMs(ms)).toBe(text);
  });
});
