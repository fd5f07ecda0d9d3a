import { isContainerAware, isCorrelationAware, isLoggable } from "@waybill/protocols";
import { describe, expect, it } from "vitest";
import { createFakeClock } from "./fake-clock.ts";
import { createRecorder } from "./recorder.ts";

describe("recorder", () => {
  it("has the shapes that components ask for", () => {
    const recorder = createRecorder();
    expect([isLoggable, isCorrelationAware, isContainerAware].every((guard) => guard(recorder))).toBe(true);
  });

  it("keeps level, message, ids, time, and the context as it was", () => {
    const recorder = createRecorder({ containerId: "c1", clock: createFakeClock({ nowMs: 42 }) });
    const context = { n: 1 };
    recorder.setCorrelationId("trade_1");
    recorder.log("warn", "careful", context);
    context.n = 2;
    expect(recorder.entries).toEqual([
      {
        timestampMs: 42,
        level: "WARNING",
        message: "careful",
        context: { n: 1 },
        correlationId: "trade_1",
        containerId: "c1",
        componentName: "component",
      },
    ]);
  });

  it("takes an unknown level for INFO", () => {
    const recorder = createRecorder();
    recorder.log("loud", "x");
    expect(recorder.entries[0]?.level).toBe("INFO");
  });

  it("finds by level in either vocabulary, text, pattern and ids", () => {
    const recorder = createRecorder();
    const other = recorder.forComponent("strategy_002", "risk");
    recorder.log("ERROR", "order refused");
    other.log("info", "order sent");
    const count = (query: Parameters<typeof recorder.find>[0]): number => recorder.find(query).length;
    expect(count({})).toBe(2);
    expect(count({ level: "error" })).toBe(1);
    expect(count({ message: "order" })).toBe(2);
    expect(count({ message: /sent$/g })).toBe(1);
    expect(count({ containerId: "strategy_002" })).toBe(1);
    expect(count({ componentName: "risk", level: "ERROR" })).toBe(0);
  });

  it("keeps correlation ids of components apart", () => {
    const recorder = createRecorder();
    const other = recorder.forComponent("b", "c");
    other.setCorrelationId("x");
    expect([recorder.getCorrelationId(), other.getCorrelationId()]).toEqual([undefined, "x"]);
  });

  it("starts anew after clear", () => {
    const recorder = createRecorder();
    recorder.log("info", "x");
    recorder.clear();
    expect(recorder.entries).toEqual([]);
  });
});
