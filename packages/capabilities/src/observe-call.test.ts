import { AsyncLocalStorage } from "node:async_hooks";
import { describe, expect, it } from "vitest";
import { attachTiming } from "./index.ts";

describe("a promise of an observed method", () => {
  it("is followed although an AsyncLocalStorage keeps its store on it", async () => {
    const timed = attachTiming({ later: async () => await Promise.resolve(1) });
    await new AsyncLocalStorage<number>().run(1, async () => {
      const pending = timed.later();
      expect(timed.getTimings().get("later")).toMatchObject({ count: 0, active: 1 });
      await pending;
    });
    expect(timed.getTimings().get("later")).toMatchObject({ count: 1, active: 0 });
  });

  it("stays the same when the method returns the same, and each call is counted", async () => {
    const ready = Promise.reject(new Error("no"));
    const timed = attachTiming({ ready: () => ready });
    expect(timed.ready()).toBe(timed.ready());
    await expect(timed.ready()).rejects.toThrow("no");
    await Promise.resolve();
    expect(timed.getTimings().get("ready")).toMatchObject({ count: 3, errors: 3 });
  });

  it("reaches the caller untouched when it has members or a class of its own", () => {
    const child = Object.assign(Promise.resolve(1), { kill: () => true });
    class Lazy extends Promise<number> {}
    const lazy = Lazy.resolve(1);
    const timed = attachTiming({ child: () => child, lazy: () => lazy });
    expect([timed.child() === child, timed.lazy() === lazy]).toEqual([true, true]);
  });

  it("is left to the caller to handle: what the application forgets is still reported", async () => {
    const reason = new Error("forgotten");
    const timed = attachTiming({ fail: async () => await Promise.reject(reason) });
    const reported = new Promise((resolve) => process.once("unhandledRejection", resolve));
    const others = process.listeners("unhandledRejection").slice(0, -1);
    for (const other of others) process.off("unhandledRejection", other);
    void timed.fail();
    expect(await reported).toBe(reason);
    for (const other of others) process.on("unhandledRejection", other);
  });
});
