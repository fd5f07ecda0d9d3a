import { describe, expect, it } from "vitest";
import { defaultEncodingLimits, resolveEncodingLimits } from "./encoding-limits.ts";

describe("encoding limits", () => {
  it("are the defaults where none are given", () => {
    expect(resolveEncodingLimits({})).toEqual(defaultEncodingLimits);
    expect(resolveEncodingLimits({ depthMax: 3 })).toEqual({ ...defaultEncodingLimits, depthMax: 3 });
  });

  it.each([
    { depthMax: 0 },
    { depthMax: 101 },
    { membersMax: 1.5 },
    { nodesMax: -1 },
    { stringUnitsMax: 0 },
    { lineBytesMax: 131_071 },
    { lineBytesMax: Number.POSITIVE_INFINITY },
    { encodeMsMax: Number.NaN },
  ])("refuse %o", (limits) => {
    expect(() => resolveEncodingLimits(limits)).toThrow(
      new RegExp(`${Object.keys(limits)[0]} is .*, not an integer`),
    );
  });

  it("lower the string limit until a line has room for message and string", () => {
    expect(resolveEncodingLimits({ lineBytesMax: 131_072 }).stringUnitsMax).toBe(5461);
    expect(resolveEncodingLimits({ lineBytesMax: 131_072, stringUnitsMax: 100 }).stringUnitsMax).toBe(100);
  });
});
