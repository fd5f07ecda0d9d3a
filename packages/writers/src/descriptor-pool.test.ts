import { createFakeClock } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { DescriptorPool, defaultDescriptorLimit } from "./descriptor-pool.ts";

function ownersOf(pool: DescriptorPool, count: number) {
  const released: number[] = [];
  const owners = Array.from({ length: count }, (_, index) => ({
    releaseDescriptor: () => {
      released.push(index);
      pool.forget(owners[index] as (typeof owners)[0]);
    },
    releaseIdle: () => undefined,
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
    for (const index of [0, 1, 2, 0, 3, 4]) pool.touch(owners[index] as (typeof owners)[0], 0);
    expect(released).toEqual([1, 2]);
    expect(pool.size).toBe(3);
  });

  it.each(["EMFILE", "ENFILE"])("lets eight go on %s and tries once more", (code) => {
    const pool = new DescriptorPool(20);
    const { owners, released } = ownersOf(pool, 10);
    for (const owner of owners) pool.touch(owner, 0);
    expect(pool.openWith(failing(code, 1))).toBe(42);
    expect(released).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(() => pool.openWith(failing(code, 2))).toThrow(code);
  });

  it("lets nothing go for other errors, or when it has nothing", () => {
    const pool = new DescriptorPool(20);
    expect(() => pool.openWith(failing("EMFILE", 1))).toThrow("EMFILE");
    const { owners, released } = ownersOf(pool, 1);
    pool.touch(owners[0] as (typeof owners)[0], 0);
    expect(() => pool.openWith(failing("EACCES", 1))).toThrow("EACCES");
    expect(released).toEqual([]);
  });

  it("has a default between 16 and 256", () => {
    expect(defaultDescriptorLimit()).toBeGreaterThanOrEqual(16);
    expect(defaultDescriptorLimit()).toBeLessThanOrEqual(256);
  });
});

describe("DescriptorPool with idle files", () => {
  const idleCloseMs = 60_000;

  function idlePool(count: number, isHeld: (index: number) => boolean = () => false) {
    const clock = createFakeClock();
    const pool = new DescriptorPool(20, { clock, idleCloseMs });
    const closed: string[] = [];
    const owners = Array.from({ length: count }, (_, index) => ({
      releaseDescriptor: () => undefined,
      releaseIdle(): void {
        closed.push(`${index} at ${clock.monotonicUs() / 1e6}`);
        if (!isHeld(index)) pool.forget(this);
      },
    }));
    return {
      clock,
      pool,
      closed,
      use: (at: number) => owners[at] && pool.touch(owners[at], clock.monotonicUs()),
    };
  }

  it("lets go what was not used for the time, to the millisecond, with one timer for all", () => {
    const { clock, closed, use } = idlePool(3);
    use(0);
    clock.advance(20_000);
    use(1);
    use(2);
    expect(clock.pendingTimers).toBe(1);
    clock.advance(20_000);
    use(1);
    clock.advance(100_000);
    expect(closed).toEqual(["0 at 60", "2 at 80", "1 at 100"]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("asks again after the same time what has to stay open", () => {
    const { clock, pool, closed, use } = idlePool(2, (index) => index === 0);
    use(0);
    use(1);
    clock.advance(130_000);
    expect(closed).toEqual(["0 at 60", "1 at 60", "0 at 120"]);
    expect([pool.size, clock.pendingTimers]).toEqual([1, 1]);
  });

  it("sets no timer when all were let go for another reason", () => {
    const { clock, pool, use } = idlePool(1);
    use(0);
    pool.resize(0);
    expect([pool.size, clock.pendingTimers]).toEqual([0, 1]);
    clock.advance(60_000);
    expect(clock.pendingTimers).toBe(0);
  });
});
