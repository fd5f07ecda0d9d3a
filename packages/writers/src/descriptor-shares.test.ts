import { expect, it } from "vitest";
import { DescriptorPool } from "./descriptor-pool.ts";
import { DescriptorShares } from "./descriptor-shares.ts";

/** Opens so many files more than it may; the pool closes the oldest. */
function fill(pool: DescriptorPool): void {
  const owner = () => ({ releaseDescriptor: () => undefined, releaseIdle: () => undefined });
  for (let count = 0; count < 2000; count++) pool.touch(owner(), 0);
}

/** How many files stay open in this thread, whatever is opened. */
function openIn(pool: DescriptorPool): number {
  fill(pool);
  return pool.size;
}

it("the thread that logs may open all files until there is a worker", () => {
  const inline = new DescriptorPool(256);
  new DescriptorShares(256, inline);
  expect(openIn(inline)).toBe(256);
});

it("most files are for the first worker, and all threads together have no more than the limit", () => {
  const inline = new DescriptorPool(256);
  const shares = new DescriptorShares(256, inline);
  fill(inline);
  const lent = [shares.lend("first"), shares.lend("second")];
  expect([...lent, inline.size]).toEqual([192, 32, 32]);
  expect(openIn(inline)).toBe(32);
});

it("what a worker had is for the thread that logs when it is gone, or for the next worker", () => {
  const inline = new DescriptorPool(256);
  const shares = new DescriptorShares(256, inline);
  shares.giveBack(shares.lend("first"));
  expect(openIn(inline)).toBe(256);
  expect(shares.lend("first")).toBe(192);
});

it("workers that hang keep what they have, and others share the rest", () => {
  const inline = new DescriptorPool(256);
  const shares = new DescriptorShares(256, inline);
  const lent = [1, 2, 3, 4].map(() => shares.lend("first")).reduce((sum, share) => sum + share, 0);
  expect(lent + openIn(inline)).toBe(256);
});

it("each thread has one file at least", () => {
  const inline = new DescriptorPool(1);
  const shares = new DescriptorShares(1, inline);
  expect([shares.lend("first"), shares.lend("second"), openIn(inline)]).toEqual([1, 1, 1]);
});
