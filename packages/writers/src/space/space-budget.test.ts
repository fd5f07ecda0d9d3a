import { describe, expect, it } from "vitest";
import { SpaceAccount } from "./space-account.ts";
import { createSpaceBudget, type SpaceBudget } from "./space-budget.ts";

/** A budget, and a thread that writes from it. */
function open(pressureBytes?: number) {
  const budget = createSpaceBudget(pressureBytes === undefined ? {} : { pressureBytes });
  const told: number[] = [];
  const account = new SpaceAccount(budget.memory, (grants) => void told.push(grants));
  const write = (bytes: number): boolean => {
    const isTaken = account.take(bytes);
    if (isTaken) account.settle(bytes, bytes);
    return isTaken;
  };
  return { budget, account, told, write };
}

const stateOf = ({ remainingBytes, takenBytes }: SpaceBudget) => [remainingBytes, takenBytes];

describe("a space budget", () => {
  it("is unlimited until it is set, and counts what is taken all the same", () => {
    const { budget, write } = open();
    budget.add(-5);
    expect([write(1e12), ...stateOf(budget)]).toEqual([true, Number.POSITIVE_INFINITY, 1e12]);
  });

  it("lets what was set be taken, not a byte more, and nothing of what does not fit whole", () => {
    const { budget, write } = open();
    budget.set(100);
    expect([write(101), write(60), write(41), write(40), write(1)]).toEqual([
      false,
      true,
      false,
      true,
      false,
    ]);
    expect(stateOf(budget)).toEqual([0, 100]);
  });

  it("is set anew, raised and lowered without what was written before", () => {
    const { budget, write } = open();
    budget.set(100);
    write(100);
    budget.set(10);
    budget.add(5);
    expect(stateOf(budget)).toEqual([15, 100]);
    budget.add(-20);
    expect([budget.remainingBytes, write(1)]).toEqual([0, false]);
    budget.add(6);
    expect([budget.remainingBytes, write(1)]).toEqual([1, true]);
    budget.set(Number.POSITIVE_INFINITY);
    expect(write(1e12)).toBe(true);
  });

  it("counts against what was set as of an earlier moment what was written since", () => {
    const { budget, write } = open();
    write(50);
    const { takenBytes } = budget;
    write(30);
    budget.set(100, takenBytes);
    expect(stateOf(budget)).toEqual([70, 80]);
  });

  it("counts a write under way against what is set meanwhile, for a walk has not seen it", () => {
    const { budget, account } = open();
    account.take(30);
    budget.set(100);
    account.settle(30, 30);
    expect(stateOf(budget)).toEqual([70, 30]);
  });

  it("is given back what a write did not write", () => {
    const { budget, account } = open();
    budget.set(100);
    account.take(100);
    account.settle(100, 30);
    account.take(70);
    account.settle(70, 0);
    expect(stateOf(budget)).toEqual([70, 30]);
  });

  it("is the same for all threads", () => {
    const { budget, write } = open();
    budget.set(100);
    const other = new SpaceAccount(budget.memory);
    other.take(80);
    expect([write(30), write(20)]).toEqual([false, true]);
  });

  it.each([
    ["set", Number.NaN],
    ["set", Number.NEGATIVE_INFINITY],
    ["add", Number.NaN],
    ["add", Number.POSITIVE_INFINITY],
  ] as const)("refuses %s(%d)", (name, bytes) => {
    expect(() => createSpaceBudget()[name](bytes)).toThrow(RangeError);
  });

  it.each([-1, 0.5, Number.NaN])("refuses pressureBytes %d", (pressureBytes) => {
    expect(() => createSpaceBudget({ pressureBytes })).toThrow(/pressureBytes/);
  });
});

describe("pressure", () => {
  it("is told when a take is refused, once until room was set or added", () => {
    const { budget, told, write } = open();
    budget.set(10);
    write(10);
    expect(told).toEqual([]);
    write(1);
    write(1);
    expect(told).toHaveLength(1);
    budget.add(1);
    write(2);
    budget.set(0);
    write(2);
    expect(told).toHaveLength(3);
  });

  it("is not told again for room that was given back", () => {
    const { budget, account, told, write } = open();
    budget.set(10);
    account.take(10);
    write(1);
    account.settle(10, 0);
    write(11);
    expect(told).toHaveLength(1);
  });

  it("is told as soon as less than the pressure bytes are left", () => {
    const { budget, told, write } = open(20);
    budget.set(50);
    write(30);
    expect(told).toEqual([]);
    write(1);
    expect(told).toHaveLength(1);
  });
});
