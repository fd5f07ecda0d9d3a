import type { Clock } from "@waybill/protocols";
import { createFakeClock } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { RoomWatch } from "./room-watch.ts";
import { SpaceAccount } from "./space-account.ts";
import { createSpaceBudget } from "./space-budget.ts";

/** Streams that wait after a take of so many bytes was refused, and take it when they are tried again. */
function open() {
  const clock = createFakeClock();
  const budget = createSpaceBudget();
  budget.set(0);
  const account = new SpaceAccount(budget.memory);
  const watch = new RoomWatch(account, clock);
  const tries: number[] = [];
  const want = (bytes: number) => {
    if (account.take(bytes)) return undefined;
    return watch.wait(clock, () => {
      tries.push(bytes);
      want(bytes);
    });
  };
  return { clock, budget, account, want, tries };
}

describe("RoomWatch", () => {
  it("has all that wait tried again within 20 ms of room being made, in order", () => {
    const { clock, budget, want, tries } = open();
    for (const bytes of [1, 2, 3]) want(bytes);
    clock.advance(1000);
    budget.add(6);
    clock.advance(20);
    expect(tries).toEqual([1, 2, 3]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("tries nobody, by one timer for all, as long as there is no room", () => {
    const { clock, budget, want, tries } = open();
    for (const bytes of [1, 2, 3]) want(bytes);
    clock.advance(1000);
    budget.set(0);
    clock.advance(1000);
    expect(tries).toEqual([]);
    expect(clock.pendingTimers).toBe(1);
  });

  it("tries a few in one turn, and not the rest once the room is used up", () => {
    const { clock, budget, want, tries } = open();
    for (let bytes = 1; bytes <= 100; bytes++) want(bytes);
    budget.add(1 + 2 + 3);
    clock.advance(1000);
    expect(tries).toHaveLength(16);
    budget.add(1e6);
    clock.advance(20);
    expect(new Set(tries).size).toBe(100);
    expect([clock.pendingTimers, budget.takenBytes]).toEqual([0, 0]);
  });

  it("tries who was refused for want of more once for each change, not again and again", () => {
    const { clock, budget, want, tries } = open();
    budget.set(5);
    want(9);
    clock.advance(1000);
    expect(tries).toEqual([]);
    budget.add(1);
    clock.advance(1000);
    expect(tries).toEqual([9]);
    budget.add(3);
    clock.advance(20);
    expect(budget.remainingBytes).toBe(0);
  });

  it("sees room that was made between the refusal and the wait", () => {
    const { clock, budget, account, tries } = open();
    const watch = new RoomWatch(account, clock);
    account.take(1);
    budget.add(1);
    watch.wait(clock, () => void tries.push(1));
    clock.advance(20);
    expect(tries).toEqual([1]);
  });

  it("sees room that a failed write gave back", () => {
    const { clock, budget, account, want, tries } = open();
    budget.set(10);
    account.take(10);
    want(4);
    clock.advance(100);
    account.settle(10, 6);
    clock.advance(20);
    expect(tries).toEqual([4]);
  });

  it("does not try who has given up, before or after it was found that there is room", () => {
    const { clock, budget, account, tries } = open();
    const watch = new RoomWatch(account, clock);
    const slow: Clock = { ...clock, setTimer: (work) => clock.setTimer(work, 5) };
    account.take(1);
    watch.wait(slow, () => void tries.push(1)).cancel();
    const late = watch.wait(slow, () => void tries.push(2));
    watch.wait(slow, () => void tries.push(3));
    budget.add(10);
    clock.advance(12);
    late.cancel();
    clock.advance(1000);
    expect(tries).toEqual([3]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("does not try who has given up while others had their turn", () => {
    const { clock, budget, want, tries } = open();
    const waits = Array.from({ length: 40 }, (_, index) => want(index + 1));
    const setTimer = clock.setTimer;
    let isFirst = true;
    clock.setTimer = (work, delayMs) => {
      if (delayMs === 0 && isFirst) waits[39]?.cancel();
      isFirst &&= delayMs !== 0;
      return setTimer(work, delayMs);
    };
    budget.add(1e6);
    clock.advance(1000);
    expect(tries).toEqual(Array.from({ length: 39 }, (_, index) => index + 1));
  });
});
