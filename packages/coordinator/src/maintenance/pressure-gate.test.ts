import { createFakeClock } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { createPressureGate } from "./pressure-gate.ts";

function subject() {
  const clock = createFakeClock();
  let passed = 0;
  const gate = createPressureGate(clock, () => {
    passed += 1;
  });
  return { clock, gate, passed: () => passed };
}

describe("a pressure gate", () => {
  it("lets calls pass at once as long as room is made", () => {
    const { gate, passed } = subject();
    gate.note();
    gate.settle(true);
    gate.note();
    expect(passed()).toBe(2);
  });

  it("makes calls wait after a run that made no room, twice as long each time, 10 s at most", async () => {
    const { clock, gate, passed } = subject();
    const waits: number[] = [];
    for (let run = 0; run < 9; run++) {
      gate.settle(false);
      gate.note();
      gate.note();
      const before = passed();
      let waited = 0;
      for (; passed() === before; waited += 50) await clock.advanceAsync(50);
      waits.push(waited);
    }
    expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
  });

  it("lets nothing pass once it is closed", async () => {
    const { clock, gate, passed } = subject();
    gate.settle(false);
    gate.note();
    gate.close();
    gate.note();
    await clock.advanceAsync(60_000);
    expect(passed()).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });
});
