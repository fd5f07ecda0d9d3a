import { describe, expect, it } from "vitest";
import { nearestKey } from "./nearest-key.ts";

const known = ["batch_size", "flush_interval", "flush_interval_seconds", "mode", "type"];

describe("nearestKey", () => {
  it.each([
    ["batch_sise", "batch_size"],
    ["batchsize", "batch_size"],
    ["BATCH_SIZE", "batch_size"],
    ["flush_interval_second", "flush_interval_seconds"],
    ["flush_intervall", "flush_interval"],
    ["tpye", "type"],
  ])("finds what %s was meant to be", (typed, expected) => {
    expect(nearestKey(typed, known)).toBe(expected);
  });

  it.each(["colour", "", "x", "ab"])("finds nothing near %j", (typed) => {
    expect(nearestKey(typed, known)).toBeUndefined();
  });

  it("counts a swap of two letters as one slip", () => {
    expect(nearestKey("tpye", ["tyre", "type"])).toBe("type");
  });

  it("finds nothing when nothing is known", () => {
    expect(nearestKey("type", [])).toBeUndefined();
  });
});
