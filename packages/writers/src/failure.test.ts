import { describe, expect, it } from "vitest";
import { describeFailure, retryDelayMs } from "./failure.ts";

describe("retryDelayMs", () => {
  it("doubles from 20 ms to a second and stays there", () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8, 1000].map(retryDelayMs)).toEqual([
      20, 40, 80, 160, 320, 640, 1000, 1000, 1000,
    ]);
  });
});

describe("describeFailure", () => {
  it.each([
    ["an error of the system", Object.assign(new Error("full"), { code: "ENOSPC" }), "ENOSPC", "full"],
    ["an error without a code", new Error("odd"), "UNKNOWN", "odd"],
    ["an error with another kind of code", Object.assign(new Error("odd"), { code: 5 }), "UNKNOWN", "odd"],
    ["a text", "odd", "UNKNOWN", "odd"],
    ["an object that cannot be shown", Object.create(null), "UNKNOWN", "object"],
  ])("describes %s", (_what, error, code, message) => {
    expect(describeFailure("/a.log", error, 5)).toEqual({ path: "/a.log", code, message, atMs: 5 });
  });
});
