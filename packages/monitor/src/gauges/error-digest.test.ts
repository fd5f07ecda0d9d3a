import { createFakeClock, type FakeClock } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { createErrorDigest, type ErrorDigest } from "./error-digest.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

function made(): { clock: FakeClock; digest: ErrorDigest } {
  const clock = createFakeClock();
  return { clock, digest: createErrorDigest(clock) };
}

function note(digest: ErrorDigest, times: number, message = "broken"): void {
  for (let n = 0; n < times; n += 1) digest.note("ERROR", message);
}

describe("createErrorDigest", () => {
  it("has nothing to tell at first, and says that it covers no time", () => {
    expect(made().digest.summary()).toEqual({
      coveredMs: 0,
      errors: 0,
      criticalErrors: 0,
      mostCommon: undefined,
      trend: "stable",
    });
  });

  it("counts errors and critical ones, and leaves lower levels out", () => {
    const { digest } = made();
    for (const level of ["INFO", "WARNING", "ERROR", "CRITICAL"] as const) digest.note(level, "x");
    expect(digest.summary()).toMatchObject({ errors: 2, criticalErrors: 1 });
  });

  it("forgets what is more than 24 hours ago, and nothing that is less", () => {
    const { clock, digest } = made();
    note(digest, 3, "old");
    clock.advance(24 * hourMs - minuteMs);
    note(digest, 1, "new");
    const before = digest.summary();
    clock.advance(minuteMs);
    const after = digest.summary();
    expect([before.errors, after.errors]).toEqual([4, 1]);
    clock.advance(hourMs);
    expect(digest.summary()).toMatchObject({
      errors: 1,
      mostCommon: { message: "new" },
      coveredMs: 24 * hourMs,
    });
  });

  it("forgets everything after days without a word", () => {
    const { clock, digest } = made();
    note(digest, 3);
    clock.advance(100 * hourMs);
    expect(digest.summary()).toMatchObject({ errors: 0, mostCommon: undefined });
  });

  it("does not care when the clock of the system is set", () => {
    const { clock, digest } = made();
    note(digest, 3);
    clock.setNow(clock.now() - 1000 * hourMs);
    note(digest, 1);
    clock.setNow(clock.now() + 9000 * hourMs);
    expect(digest.summary().errors).toBe(4);
  });

  it("takes messages that differ in numbers for one, over the hours", () => {
    const { clock, digest } = made();
    for (let n = 0; n < 5; n += 1) {
      digest.note("ERROR", `order ${n * 17} failed after ${n} ms`);
      clock.advance(hourMs);
      digest.note("ERROR", `unlike each other ${"x".repeat(n + 1)}`);
    }
    expect(digest.summary().mostCommon).toEqual({
      message: "order # failed after # ms",
      count: 5,
      overcount: 0,
    });
  });

  it("cuts long messages", () => {
    const { digest } = made();
    digest.note("ERROR", "x".repeat(10_000));
    expect(digest.summary().mostCommon?.message).toBe("x".repeat(200));
  });

  it.each([
    ["rising", 2, 40],
    ["falling", 40, 2],
    ["stable", 10, 14],
    ["stable", 0, 1],
  ])("calls it %s when %i errors are followed by %i", (trend, before, now) => {
    const { clock, digest } = made();
    clock.advance(5 * minuteMs);
    note(digest, before);
    clock.advance(15 * minuteMs);
    note(digest, now);
    expect(digest.summary().trend).toBe(trend);
  });
});
