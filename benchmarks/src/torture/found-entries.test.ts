import { describe, expect, it } from "vitest";
import { numberIn } from "./found-entries.ts";

describe("numberIn", () => {
  it("finds the number at the top and below any field", () => {
    expect(numberIn({ i: 3, level: "info" })).toBe(3);
    expect(numberIn({ message: "x", context: { deep: { i: 0 } } })).toBe(0);
  });

  it("finds nothing where there is none", () => {
    expect(numberIn({ level: 30, context: null, i: "3" })).toBeUndefined();
  });
});
