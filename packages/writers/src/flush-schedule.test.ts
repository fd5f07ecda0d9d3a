import { createFakeClock } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { FlushSchedule } from "./flush-schedule.ts";

describe("FlushSchedule", () => {
  it("flushes all that were added, at once, one interval after the first", () => {
    const clock = createFakeClock();
    const schedule = new FlushSchedule(clock, 50);
    const flushed: string[] = [];
    schedule.add({ flushPending: () => void flushed.push("a") });
    clock.advance(30);
    schedule.add({ flushPending: () => void flushed.push("b") });
    clock.advance(19);
    expect(flushed).toEqual([]);
    clock.advance(1);
    expect(flushed).toEqual(["a", "b"]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("takes who adds itself while it is flushed to the next tick", () => {
    const clock = createFakeClock();
    const schedule = new FlushSchedule(clock, 50);
    let count = 0;
    const again = {
      flushPending: () => {
        count++;
        schedule.add(again);
      },
    };
    schedule.add(again);
    clock.advance(100);
    expect(count).toBe(2);
  });
});
