import { describe, expect, it } from "vitest";
import { QueueBudget } from "./queue-budget.ts";

describe("QueueBudget", () => {
  it("allows what all streams hold together up to the limit, not a byte more", () => {
    const budget = new QueueBudget(100);
    const [a, b] = [{}, {}];
    expect([budget.note(a, 60), budget.note(b, 40), budget.note(b, 41)]).toEqual([true, true, false]);
  });

  it("counts the last note of each stream only", () => {
    const budget = new QueueBudget(100);
    const stream = {};
    expect([90, 90, 100, 10, 101].map((bytes) => budget.note(stream, bytes))).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
  });

  it("gives back what an emptied or forgotten stream held, once", () => {
    const budget = new QueueBudget(100);
    const [a, b, c] = [{}, {}, {}];
    budget.note(a, 60);
    budget.note(b, 40);
    budget.note(a, 0);
    budget.forget(a);
    budget.forget(b);
    budget.forget(b);
    budget.forget({});
    expect([budget.note(c, 100), budget.note(c, 101)]).toEqual([true, false]);
  });
});
