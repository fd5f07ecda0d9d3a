import { describe, expect, it } from "vitest";
import { DescriptorPool, defaultDescriptorLimit } from "./descriptor-pool.ts";

function ownersOf(pool: DescriptorPool, count: number) {
  const released: number[] = [];
  const owners = Array.from({ length: count }, (_, index) => ({
    releaseDescriptor: () => {
      released.push(index);
      pool.forget(owners[index] as (typeof owners)[0]);
    },
  }));
  return { owners, released };
}

const failing = (code: string, times: number) => () => {
  if (times-- > 0) throw Object.assign(new Error(code), { code });
  return 42;
};

describe("DescriptorPool", () => {
  it("lets go the least recently used file", () => {
    const pool = new DescriptorPool(3);
    const { owners, released } = ownersOf(pool, 5);
    for (const index of [0, 1, 2, 0, 3, 4]) pool.touch(owners[index] as (typeof owners)[0]);
    expect(released).toEqual([1, 2]);
    expect(pool.size).toBe(3);
  });

  it.each(["EMFILE", "ENFILE"])("lets eight go on %s and tries once more", (code) => {
    const pool = new DescriptorPool(20);
    const { owners, released } = ownersOf(pool, 10);
    for (const owner of owners) pool.touch(owner);
    expect(pool.openWith(failing(code, 1))).toBe(42);
    expect(released).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(() => pool.openWith(failing(code, 2))).toThrow(code);
  });

  it("lets nothing go for other errors, or when it has nothing", () => {
    const pool = new DescriptorPool(20);
    expect(() => pool.openWith(failing("EMFILE", 1))).toThrow("EMFILE");
    const { owners, released } = ownersOf(pool, 1);
    pool.touch(owners[0] as (typeof owners)[0]);
    expect(() => pool.openWith(failing("EACCES", 1))).toThrow("EACCES");
    expect(released).toEqual([]);
  });

  it("has a default between 16 and 256", () => {
    expect(defaultDescriptorLimit()).toBeGreaterThanOrEqual(16);
    expect(defaultDescriptorLimit()).toBeLessThanOrEqual(256);
  });
});
