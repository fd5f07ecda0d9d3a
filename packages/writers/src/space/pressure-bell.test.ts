import { describe, expect, it } from "vitest";
import { PressureBell } from "./pressure-bell.ts";
import { createSpaceBudget } from "./space-budget.ts";

/** A bell, and what was rung when all callbacks have run. */
function open() {
  const space = createSpaceBudget();
  let rings = 0;
  const bell = new PressureBell(space, () => void rings++);
  const ringsNow = async () => {
    await Promise.resolve();
    return rings;
  };
  return { space, bell, ringsNow };
}

describe("PressureBell", () => {
  it("rings once for all threads that run short of the same room", async () => {
    const { space, bell, ringsNow } = open();
    space.set(10);
    bell.ring(1);
    bell.ring(1);
    expect(await ringsNow()).toBe(1);
    space.add(10);
    bell.ring(2);
    expect(await ringsNow()).toBe(2);
  });

  it("does not ring for a thread that ran short before room was made, which may be enough", async () => {
    const { space, bell, ringsNow } = open();
    space.set(10);
    space.set(1_000_000);
    bell.ring(1);
    expect(await ringsNow()).toBe(0);
    bell.ring(2);
    expect(await ringsNow()).toBe(1);
  });
});
