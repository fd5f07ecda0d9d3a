import { describe, expect, it } from "vitest";
import { formatBytes, formatDuration } from "./format-quantity.ts";

describe("formatDuration", () => {
  it.each([
    [97_200_000, "1 d 3 h"],
    [86_400_000, "1 d"],
    [86_459_000, "1 d"],
    [725_000, "12 min 5 s"],
    [61_000, "1 min 1 s"],
    [59_999, "59 s"],
    [1500, "1 s"],
    [40.7, "40 ms"],
    [0.4, "0 ms"],
    [-5, "0 ms"],
  ])("writes %d ms as %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe("formatBytes", () => {
  it.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1 KiB"],
    [1_610_612_736, "1.5 GiB"],
    [10 * 2 ** 30, "10 GiB"],
    [2 ** 62, "4096 PiB"],
    [-2048, "-2 KiB"],
  ])("writes %d as %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});
