import { describe, expect, it } from "vitest";
import { WaitBudget } from "./wait-budget.ts";

describe("budget of waits", () => {
  it("begins with 20 ms", () => {
    const budget = new WaitBudget(1000);
    expect(budget.allows(1000)).toBe(true);
    budget.spend(19.75);
    expect(budget.allows(1000)).toBe(true);
    budget.spend(0.25);
    expect(budget.allows(1000)).toBe(false);
  });

  it("grows by 2 % of the time, up to 20 ms", () => {
    const budget = new WaitBudget(0);
    budget.spend(20);
    let waitedMs = 0;
    for (let nowMs = 0; nowMs < 10_000; nowMs++) {
      while (budget.allows(nowMs)) {
        budget.spend(0.1);
        waitedMs += 0.1;
      }
    }
    expect(waitedMs).toBeGreaterThan(195);
    expect(waitedMs).toBeLessThan(205);
    expect(budget.allows(1_000_000)).toBe(true);
    budget.spend(20);
    expect(budget.allows(1_000_000)).toBe(false);
  });

  it("owes at most 20 ms, so that one long wait is forgotten after two seconds", () => {
    const budget = new WaitBudget(0);
    budget.spend(500);
    expect([budget.allows(990), budget.allows(1010)]).toEqual([false, true]);
  });
});
