import { describe, expect, it } from "vitest";
import { StreamPace } from "./stream-pace.ts";

function paceAfter(isAmongSlow: boolean, tookMs: readonly number[]): boolean {
  const pace = new StreamPace();
  pace.begin(isAmongSlow);
  for (const ms of tookMs) pace.note(ms);
  return pace.isMoveDue;
}

const fast = (count: number) => Array.from({ length: count }, () => 1);

describe("the pace of a stream", () => {
  it("has it moved by one slow write, whatever comes after it", () => {
    expect([paceAfter(false, fast(1000)), paceAfter(false, [49]), paceAfter(false, [50])]).toEqual([
      false,
      false,
      true,
    ]);
    expect(paceAfter(false, [1, 50, ...fast(1000)])).toBe(true);
  });

  it("takes it back after 500 fast writes in a row", () => {
    expect([paceAfter(true, fast(499)), paceAfter(true, fast(500))]).toEqual([false, true]);
    expect(paceAfter(true, [...fast(499), 50, ...fast(499)])).toBe(false);
  });

  it("begins anew in another lane", () => {
    const pace = new StreamPace();
    pace.note(80);
    pace.begin(true);
    expect([pace.isAmongSlow, pace.isMoveDue]).toEqual([true, false]);
  });
});
