import { describe, expect, it } from "vitest";
import { flushAtExit } from "./exit-flush.ts";

const listeners = (): number[] => ["exit", "SIGTERM", "SIGINT"].map((name) => process.listenerCount(name));

describe("flushAtExit", () => {
  it("listens once for any number, and no longer when the last is taken off", () => {
    const before = listeners();
    const offs = [1, 2, 3].map(() =>
      flushAtExit({ flushSync: () => true, drain: () => undefined, noteExit: () => undefined }),
    );
    const during = listeners();
    for (const off of offs) off();
    const off = flushAtExit({ flushSync: () => true, drain: () => undefined, noteExit: () => undefined });
    expect(listeners()).toEqual(during);
    off();
    expect(listeners()).toEqual(before);
    expect(during.map((count, index) => count - (before[index] ?? 0)).every((added) => added <= 1)).toBe(
      true,
    );
  });
});
