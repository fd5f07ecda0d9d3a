import { describe, expect, it } from "vitest";
import { currentCorrelation, getCorrelationId, runWithCorrelation, runWithParentEvent } from "./run.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const spanId = "00f067aa0ba902b7";

describe("runWithCorrelation", () => {
  it("gives the id to the function and takes it back afterwards", () => {
    expect(runWithCorrelation("trade_1", () => getCorrelationId())).toBe("trade_1");
    expect(getCorrelationId()).toBeUndefined();
    expect(currentCorrelation()).toBeUndefined();
  });

  it("restores the surrounding scope after a nested one, also when that throws", () => {
    const seen = runWithCorrelation("outer", () => {
      expect(() =>
        runWithCorrelation("inner", () => {
          throw new Error(getCorrelationId());
        }),
      ).toThrow("inner");
      return getCorrelationId();
    });
    expect(seen).toBe("outer");
  });

  it("goes on with parent event and start in a nested scope of the same id", () => {
    const [outer, inner] = runWithCorrelation(
      "a",
      () => [currentCorrelation(), runWithCorrelation("a", () => currentCorrelation())],
      { parentEventId: "evt_1", startedUs: 7 },
    );
    expect(inner).toEqual(outer);
    expect(inner).toMatchObject({ parentEventId: "evt_1", startedUs: 7 });
  });

  it("begins anew in a nested scope of another id, inside the same trace", () => {
    const inner = runWithCorrelation("a", () => runWithCorrelation("b", () => currentCorrelation()), {
      parentEventId: "evt_1",
      startedUs: -1,
      traceId,
      spanId,
      traceFlags: 1,
    });
    expect(inner).toMatchObject({
      correlationId: "b",
      parentEventId: undefined,
      traceId,
      spanId,
      traceFlags: 1,
    });
    expect(inner?.startedUs).toBeGreaterThanOrEqual(0);
  });

  it("ignores a trace that is not valid", () => {
    const context = runWithCorrelation("a", () => currentCorrelation(), { traceId: "0".repeat(32), spanId });
    expect(context).toMatchObject({ traceId: undefined, spanId: undefined });
  });

  it("cleans the id, and runs in the surrounding scope when nothing is left of it", () => {
    expect(runWithCorrelation("  a\nb ", () => getCorrelationId())).toBe("a_b");
    expect(runWithCorrelation("outer", () => runWithCorrelation(" ", () => getCorrelationId()))).toBe(
      "outer",
    );
  });

  it("gives out contexts that cannot be changed", () => {
    expect(Object.isFrozen(runWithCorrelation("a", () => currentCorrelation()))).toBe(true);
  });
});

describe("runWithParentEvent", () => {
  it("sets the parent event inside, and only there", () => {
    const seen = runWithCorrelation("a", () => [
      runWithParentEvent("evt_2", () => currentCorrelation()?.parentEventId),
      currentCorrelation()?.parentEventId,
    ]);
    expect(seen).toEqual(["evt_2", undefined]);
  });

  it("only runs the function outside any correlation", () => {
    expect(runWithParentEvent("evt_2", () => currentCorrelation())).toBeUndefined();
  });
});
