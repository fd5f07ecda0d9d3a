import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ExitFlushable } from "./exit-flush.ts";

let flushAtExit: typeof import("./exit-flush.ts").flushAtExit;

const listKey = Symbol.for("waybill.exit-flush.v1");
const globals = globalThis as { [listKey]?: unknown };
let listOfOthers: unknown;

// A list of its own: what other tests of this thread have left open listens already.
beforeEach(async () => {
  listOfOthers = globals[listKey];
  globals[listKey] = undefined;
  vi.resetModules();
  ({ flushAtExit } = await import("./exit-flush.ts"));
});
afterEach(() => {
  globals[listKey] = listOfOthers;
});

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

  it("has all hand over what they keep back before any is flushed, in whatever order they came", () => {
    const calls: string[] = [];
    const flushable = (name: string): ExitFlushable => ({
      handOver: () => void calls.push(`${name} hands over`),
      flushSync: () => calls.push(`${name} flushes`) > 0,
      drain: () => undefined,
      noteExit: () => void calls.push(`${name} notes`),
    });
    const before = process.listeners("exit");
    const offs = ["writer", "stage"].map((name) => flushAtExit(flushable(name)));
    const [listener] = process.listeners("exit").filter((other) => !before.includes(other));
    listener?.(0);
    for (const off of offs) off();
    expect(calls).toEqual([
      "writer hands over",
      "stage hands over",
      "writer flushes",
      "stage flushes",
      "writer notes",
      "stage notes",
    ]);
  });
});
