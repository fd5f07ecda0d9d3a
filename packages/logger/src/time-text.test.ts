import { describe, expect, it } from "vitest";
import { timeText } from "./time-text.ts";

describe("a time", () => {
  it.each([
    [5, "1970-01-01T00:00:00.005Z"],
    [Number.NaN, "1970-01-01T00:00:00.000Z"],
    [9e15, "1970-01-01T00:00:00.000Z"],
  ])("%d reads %s", (timestampMs, text) => {
    expect(timeText(timestampMs)).toBe(text);
  });
});
