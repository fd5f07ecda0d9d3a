import { describe, expect, it } from "vitest";
import { attachTracing, tracingOf } from "./index.ts";

describe("attachTracing", () => {
  it("hands calls to those methods that the tracer has, with the tracer as this", () => {
    const tracer = {
      seen: [] as unknown[],
      traceEvent(eventId: string, source: string, target: string) {
        this.seen.push([eventId, source, target]);
      },
      traceExternalEvent(event: { tier: string }) {
        this.seen.push(event.tier);
        return "traced";
      },
    };
    const result = attachTracing({ traceEvent: "own" }, tracer);
    expect(result.traceExternalEvent({ tier: "fast" })).toBe("traced");
    tracingOf(result).traceEvent("evt_1", "a", "b");
    expect(result.traceEvent).toBe("own");
    expect(tracer.seen).toEqual(["fast", ["evt_1", "a", "b"]]);
    expect("traceSignalFlow" in result).toBe(false);
  });

  it("lets a component trace on its own this when it attaches in its constructor", () => {
    const seen: string[] = [];
    const tracer = {
      traceEvent: () => undefined,
      traceExternalEvent: (eventId: string) => void seen.push(eventId),
    };
    class Container {
      declare readonly traceExternalEvent: (eventId: string) => void;
      constructor() {
        attachTracing(this, tracer, { mode: "assign" });
      }
      publish(eventId: string): void {
        this.traceExternalEvent(eventId);
      }
    }
    new Container().publish("evt_2");
    expect(seen).toEqual(["evt_2"]);
  });

  it("counts failures of the tracer, later ones included, and never throws", async () => {
    const tracer = {
      traceEvent: (): void => {
        throw new Error("broken");
      },
      traceSignalFlow: async (): Promise<number> => await Promise.reject(new Error("later")),
    };
    const result = attachTracing({}, tracer);
    result.traceEvent();
    expect(await result.traceSignalFlow()).toBeUndefined();
    expect(tracingOf(result).failures).toBe(2);
  });

  it("refuses what cannot trace", () => {
    expect(() => attachTracing({}, JSON.parse("{}"))).toThrow(/no method traceEvent/);
  });
});
