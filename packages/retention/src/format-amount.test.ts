import { describe, expect, it } from "vitest";
import { formatAge, formatBytes } from "./format-amount.ts";

describe("formatBytes", () => {
  it.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1280, "1.25 KiB"],
    [10 * 1024 ** 3, "10 GiB"],
    [1023 * 1024 ** 4 * 4, "4092 TiB"],
    [-2048, "-2 KiB"],
    [Number.POSITIVE_INFINITY, "no limit"],
  ])("%d is %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe("formatAge", () => {
  it.each([
    [0, "0 ms"],
    [999, "999 ms"],
    [90_000, "1.5 min"],
    [5_400_000, "1.5 h"],
    [31 * 86_400_000, "31 d"],
    [Number.POSITIVE_INFINITY, "never"],
  ])("%d ms is %s", (durationMs, text) => {
    expect(formatAge(durationMs)).toBe(text);
  });
});
