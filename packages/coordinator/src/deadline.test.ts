import { createFakeClock } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { withDeadline } from "./deadline.ts";

describe("a deadline", () => {
  it("lets work end, and leaves no timer", async () => {
    const clock = createFakeClock();
    await withDeadline(Promise.resolve("done"), 100, "work", clock);
    expect(clock.pendingTimers).toBe(0);
  });

  it("passes on what the work throws", async () => {
    const clock = createFakeClock();
    await expect(withDeadline(Promise.reject(new Error("broken")), 100, "work", clock)).rejects.toThrow(
      "broken",
    );
    expect(clock.pendingTimers).toBe(0);
  });

  it("cuts work that hangs, exactly then, and takes its later failure silently", async () => {
    const clock = createFakeClock();
    let fail: (error: Error) => void = () => undefined;
    const work = new Promise<void>((_resolve, reject) => {
      fail = reject;
    });
    let isCut = false;
    const waiting = withDeadline(work, 100, "work", clock).catch((error: unknown) => {
      isCut = true;
      return error;
    });
    await clock.advanceAsync(99);
    expect(isCut).toBe(false);
    await clock.advanceAsync(1);
    expect(await waiting).toMatchObject({
      code: "WAYBILL_SHUTDOWN_TIMEOUT",
      message: "work did not end within 100 ms",
    });
    fail(new Error("later"));
    await clock.advanceAsync(0);
  });
});
