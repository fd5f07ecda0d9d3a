import { describe, expect, it } from "vitest";
import { component, hourMs, nowMs, segmentOf } from "../test/support/segments.ts";
import { type Hold, lookUpHolds } from "./hold.ts";

const base = { id: "h", reason: "incident 7", createdMs: nowMs } as const;
const covers = (hold: Partial<Hold>, segment = segmentOf(), atMs = nowMs): boolean =>
  lookUpHolds([{ ...base, ...hold }], atMs)(segment) !== undefined;

describe("a hold on a container", () => {
  it("covers the streams of that container alone", () => {
    expect(covers({ container: "a" })).toBe(true);
    expect(covers({ container: "b" })).toBe(false);
    expect(covers({ container: "a" }, segmentOf({ address: { kind: "master" } }))).toBe(false);
  });

  it.each(["strategy/1", "CON", "é", "x".repeat(300)])(
    "covers the container %j, whatever its path is",
    (container) => {
      expect(covers({ container }, segmentOf({ address: component(container) }))).toBe(true);
    },
  );
});

describe("a hold on a time range", () => {
  const segment = segmentOf({ ageMs: hourMs });

  it.each([
    ["that ends where the segment begins", { toMs: nowMs - 2 * hourMs }, true],
    ["that ends before", { toMs: nowMs - 2 * hourMs - 1 }, false],
    ["that begins where the segment ends", { fromMs: nowMs - hourMs }, true],
    ["that begins after", { fromMs: nowMs - hourMs + 1 }, false],
    ["within it", { fromMs: nowMs - hourMs - 10, toMs: nowMs - hourMs - 5 }, true],
  ])("%s", (_, range, expected) => {
    expect(covers(range, segment)).toBe(expected);
  });

  it("covers a segment whose times nobody knows", () => {
    expect(covers({ fromMs: nowMs, toMs: nowMs }, segmentOf({ ageMs: undefined }))).toBe(true);
  });
});

describe("a hold on a correlation id", () => {
  it.each([
    ["found", new Map([["trade_1", true]]), true],
    ["searched for in vain", new Map([["trade_1", false]]), false],
    ["not searched for", new Map([["trade_2", false]]), true],
    ["not searched for at all", undefined, true],
  ])("in a segment where it was %s", (_, correlations, expected) => {
    const segment = segmentOf(correlations === undefined ? {} : { correlations });
    expect(covers({ correlationId: "trade_1" }, segment)).toBe(expected);
  });
});

describe("lookUpHolds", () => {
  it("asks all criteria of a hold to fit", () => {
    expect(covers({ container: "a", fromMs: nowMs })).toBe(false);
    expect(covers({ container: "a", toMs: nowMs })).toBe(true);
  });

  it("lets a hold without criteria cover everything", () => {
    expect(covers({})).toBe(true);
  });

  it("forgets a hold at its expiry, not before", () => {
    expect(covers({ expiresMs: nowMs + 1 })).toBe(true);
    expect(covers({ expiresMs: nowMs })).toBe(false);
  });
});
