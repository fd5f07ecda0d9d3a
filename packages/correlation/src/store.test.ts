import { expect, it, vi } from "vitest";

it("shares the correlation between two copies of the package", async () => {
  const first = await import("./index.ts");
  vi.resetModules();
  const second = await import("./index.ts");
  expect(second.runWithCorrelation).not.toBe(first.runWithCorrelation);
  expect(first.runWithCorrelation("trade_1", () => second.getCorrelationId())).toBe("trade_1");

  const tracker = second.createCorrelationTracker();
  const changed = first.runWithCorrelation("trade_1", () => {
    tracker.setCorrelationId("trade_2");
    return first.getCorrelationId();
  });
  expect(changed).toBe("trade_2");
});
