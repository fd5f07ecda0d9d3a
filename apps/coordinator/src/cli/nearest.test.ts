import { describe, expect, it } from "vitest";
import { nearest } from "./nearest.ts";

const words = ["all", "log-dir", "config", "from", "to", "risk"];

describe("nearest", () => {
  it.each([
    ["al", "all"],
    ["log-dri", "log-dir"],
    ["CONFIG", "config"],
    ["rsik", "risk"],
    ["confg", "config"],
  ])("takes %s for %s", (word, expected) => {
    expect(nearest(word, words)).toBe(expected);
  });

  it.each(["frobnicate", "", "x"])("guesses nothing for %j", (word) => {
    expect(nearest(word, ["all", "from", "config"])).toBeUndefined();
  });
});
