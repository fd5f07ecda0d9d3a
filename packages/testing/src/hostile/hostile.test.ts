import { describe, expect, it } from "vitest";
import { collidingIdPairs, hostileIds } from "./hostile-ids.ts";
import { hostileValues } from "./hostile-values.ts";

describe("hostile input", () => {
  it("has a label of its own for every item", () => {
    for (const list of [hostileIds, hostileValues, collidingIdPairs]) {
      expect(new Set(list.map(({ label }) => label)).size).toBe(list.length);
    }
  });

  it("holds enough of it, without repetition", () => {
    expect(hostileIds.length).toBeGreaterThanOrEqual(56);
    expect(hostileValues.length).toBeGreaterThanOrEqual(40);
    expect(collidingIdPairs.length).toBeGreaterThanOrEqual(10);
    expect(new Set(hostileIds.map(({ id }) => id)).size).toBe(hostileIds.length);
  });

  it("pairs ids that differ", () => {
    expect(collidingIdPairs.filter(({ first, second }) => first === second)).toEqual([]);
  });

  it("builds a new value each time", () => {
    const shared = hostileValues.filter(({ create }) => {
      const first = create();
      return Object.is(first, create());
    });
    expect(shared).toEqual([]);
  });
});
