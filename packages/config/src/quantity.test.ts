import { describe, expect, it } from "vitest";
import { durationPattern, parseQuantity, sizePattern } from "./quantity.ts";

describe("parseQuantity", () => {
  it.each([
    ["100MB", "mb", 100],
    ["10GB", "gb", 10],
    ["1 GiB", "mb", 1024],
    ["512kb", "mb", 0.5],
    ["0.5TB", "gb", 512],
    ["1048576B", "mb", 1],
  ] as const)("reads the size %s into %s", (text, unit, expected) => {
    expect(parseQuantity(text, unit)).toBe(expected);
    expect(text).toMatch(new RegExp(sizePattern));
  });

  it.each([
    ["7d", "days", 7],
    ["12h", "days", 0.5],
    ["2w", "days", 14],
    ["5s", "seconds", 5],
    ["50ms", "seconds", 0.05],
    ["1m", "seconds", 60],
    ["1min", "seconds", 60],
  ] as const)("reads the duration %s into %s", (text, unit, expected) => {
    expect(parseQuantity(text, unit)).toBe(expected);
    expect(text).toMatch(new RegExp(durationPattern));
  });

  it.each([
    "",
    "7",
    "d",
    "-7d",
    "7 days",
    "1e3d",
    "7M",
    "7D",
    " 7d",
    "7d ",
    "NaNd",
    "7MB",
    "7constructor",
    "٧d",
  ])("takes %j for no duration", (text) => {
    expect(parseQuantity(text, "days")).toBeUndefined();
  });

  it("takes a duration for no size", () => {
    expect(parseQuantity("7d", "mb")).toBeUndefined();
  });
});
