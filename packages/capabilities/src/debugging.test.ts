import type { LogContext } from "@waybill/protocols";
import { isDebuggable } from "@waybill/protocols";
import { createFakeClock } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { attachDebugging, debuggingOf } from "./index.ts";

function createScene() {
  const clock = createFakeClock();
  const calls: [string, string, LogContext | undefined][] = [];
  const loggable = {
    log(level: string, message: string, context?: LogContext) {
      calls.push([level, message, context]);
    },
  };
  const component = {
    secret: "s",
    work(ms: number) {
      clock.advance(ms);
      return ms;
    },
    async workLater(ms: number) {
      await Promise.resolve();
      clock.advance(ms);
      throw new Error("late");
    },
    fail() {
      throw new RangeError("bad");
    },
  };
  return { clock, calls, loggable, component };
}

describe("attachDebugging", () => {
  it("logs nothing until tracing is enabled, and nothing after it is disabled", () => {
    const { clock, calls, loggable, component } = createScene();
    const debugged = attachDebugging(component, { loggable, clock });
    debugged.work(1);
    debugged.enableTracing(true);
    debugged.work(2);
    debugged.enableTracing(false);
    debugged.work(3);
    expect(calls).toEqual([
      ["DEBUG", "work returned", { method: "work", outcome: "returned", duration_us: 2000 }],
    ]);
    expect(isDebuggable(debugged)).toBe(true);
  });

  it("logs how calls failed, at once or later, and lets the failure through", async () => {
    const { clock, calls, loggable, component } = createScene();
    const debugged = attachDebugging(component, { loggable, clock });
    debugged.enableTracing(true);
    expect(() => debugged.fail()).toThrow(RangeError);
    await expect(debugged.workLater(5)).rejects.toThrow("late");
    expect(calls.map(([, message]) => message)).toEqual(["fail threw", "workLater rejected"]);
    expect(calls[1]?.[2]).toMatchObject({ duration_us: 5000, error: { message: "late" } });
  });

  it("logs arguments only when asked to, as they were at the call", () => {
    const { clock, calls, loggable } = createScene();
    const component = { clear: (list: number[]) => list.splice(0) };
    const debugged = attachDebugging(component, { loggable, clock, logArguments: true });
    debugged.enableTracing(true);
    debugged.clear([1, 2]);
    expect(calls[0]?.[2]).toMatchObject({ arguments: [[1, 2]] });
  });

  it("counts what could not be logged and never reaches the caller", () => {
    const { clock, component } = createScene();
    const loggable = {
      log: () => {
        throw new Error("disk");
      },
    };
    const debugged = attachDebugging(component, { loggable, clock });
    debugged.enableTracing(true);
    expect(debugged.work(1)).toBe(1);
    expect(debuggingOf(debugged)).toMatchObject({ failures: 1, isTracing: true });
  });

  it("captures the state of the component itself, below other capabilities", () => {
    const { loggable } = createScene();
    const once = attachDebugging({ a: 1 }, { loggable });
    expect(attachDebugging(once, { loggable }).captureState()).toEqual({ a: 1 });
  });

  it("refuses limits out of their range and a loggable that cannot log", () => {
    const { loggable } = createScene();
    expect(() => attachDebugging({}, { loggable, depthMax: -1 })).toThrow(
      "depthMax must be an integer of at least 0, not -1",
    );
    expect(() => attachDebugging({}, { loggable, valuesMax: 0.5 })).toThrow(RangeError);
    expect(() => attachDebugging({}, { loggable: JSON.parse("{}") })).toThrow(TypeError);
  });
});
