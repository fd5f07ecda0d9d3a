import type { LogContext } from "@waybill/protocols";
import { createRecorder } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { attachLogging, attachTiming, loggingKey, loggingOf, timingOf } from "./index.ts";

function createListing() {
  const calls: [string, string, LogContext | undefined][] = [];
  return {
    calls,
    log(level: string, message: string, context?: LogContext) {
      calls.push([level, message, context]);
    },
  };
}

describe("attachLogging", () => {
  it("logs at the level of the member, and hands other levels on as they are", () => {
    const listing = createListing();
    const { logDebug, logInfo, logWarning, logError, logCritical, log } = attachLogging({}, listing);
    logDebug("a");
    logInfo("b", { strength: 0.8 });
    logWarning("c");
    logError("d");
    logCritical("e");
    log("fatal", "f");
    expect(listing.calls.map(([level]) => level)).toEqual([
      "DEBUG",
      "INFO",
      "WARNING",
      "ERROR",
      "CRITICAL",
      "fatal",
    ]);
    expect(listing.calls[1]).toEqual(["INFO", "b", { strength: 0.8 }]);
  });

  it("adds the correlation methods when the loggable has them", () => {
    const recorder = createRecorder();
    const strategy = attachLogging({}, recorder);
    strategy.setCorrelationId("trade_1");
    strategy.logInfo("hello");
    expect(strategy.getCorrelationId()).toBe("trade_1");
    expect(recorder.entries[0]?.correlationId).toBe("trade_1");
    expect("setCorrelationId" in attachLogging({}, createListing())).toBe(false);
  });

  it("leaves the component's own members, and is reachable beside them", () => {
    const listing = createListing();
    const result = attachLogging({ log: () => "own", logInfo: 5 }, listing);
    expect([result.log(), result.logInfo]).toEqual(["own", 5]);
    loggingOf(result).logInfo("ours");
    result[loggingKey].log("debug", "ours too");
    expect(listing.calls.map(([level]) => level)).toEqual(["INFO", "debug"]);
  });

  it("counts what the loggable fails to take, and never throws", async () => {
    const fail = (): never => {
      throw new Error("disk");
    };
    const broken = attachLogging({}, { log: fail, setCorrelationId: fail, getCorrelationId: fail });
    broken.logError("lost");
    broken.setCorrelationId("x");
    expect(broken.getCorrelationId()).toBeUndefined();
    expect(loggingOf(broken).failures).toBe(3);
    const rejecting = attachLogging({}, { log: async () => await Promise.reject(new Error("later")) });
    rejecting.logInfo("lost");
    await new Promise(setImmediate);
    expect(loggingOf(rejecting).failures).toBe(1);
  });

  it("refuses what cannot log, and an unknown mode", () => {
    const options = JSON.parse('{ "mode": "mixin" }');
    expect(() => attachLogging({}, JSON.parse("{}"))).toThrow(/no method log/);
    expect(() => attachLogging({}, createListing(), options)).toThrow('not "mixin"');
  });
});

describe('mode "assign"', () => {
  it("adds hidden members to the component itself, which may use them on its own this", () => {
    const listing = createListing();
    class Strategy {
      declare readonly logDebug: (message: string) => void;
      constructor() {
        attachLogging(this, listing, { mode: "assign" });
      }
      run(): void {
        loggingOf(this)?.logInfo("running");
        this.logDebug("and again");
      }
    }
    const strategy = new Strategy();
    strategy.run();
    expect(listing.calls.map(([, message]) => message)).toEqual(["running", "and again"]);
    expect([Object.keys(strategy), JSON.stringify(strategy)]).toEqual([[], "{}"]);
  });

  it("returns the same object and keeps its own members", () => {
    const component = { log: () => "own" };
    const result = attachLogging(component, createListing(), { mode: "assign" });
    expect(result).toBe(component);
    expect(result.log()).toBe("own");
  });

  it("takes the place of an earlier call, members that are no longer there included", () => {
    const [recorder, listing] = [createRecorder(), createListing()];
    const component = attachLogging({}, recorder, { mode: "assign" });
    const again = attachLogging(component, listing, { mode: "assign" });
    again.logInfo("hello");
    expect([recorder.entries.length, listing.calls.length, "setCorrelationId" in again]).toEqual([
      0,
      1,
      false,
    ]);
    const other = createListing();
    const proxied = attachLogging(attachTiming(again), other);
    proxied.logInfo("hello");
    expect([listing.calls.length, other.calls.length, timingOf(proxied).getTimings().size]).toEqual([
      1, 1, 0,
    ]);
  });

  it("keeps working when the component is frozen afterwards", () => {
    const component = Object.freeze(attachLogging({}, createListing(), { mode: "assign" }));
    const other = createListing();
    const proxied = attachLogging(component, other);
    loggingOf(proxied).logInfo("hello");
    proxied.logInfo("to the frozen one");
    expect(other.calls).toHaveLength(1);
  });

  it("adds to the result of an earlier attach without touching the component", () => {
    const component = Object.freeze({ a: 1 });
    const timed = attachTiming(component);
    const listing = createListing();
    const result = attachLogging(timed, listing, { mode: "assign" });
    result.logInfo("hello");
    expect([Object.is(result, timed), listing.calls.length, Reflect.ownKeys(component)]).toEqual([
      true,
      1,
      ["a"],
    ]);
  });

  it.each([Object.freeze({}), Object.seal({}), Object.preventExtensions({})])(
    "refuses a component that is locked",
    (component) => {
      expect(() => attachLogging(component, createListing(), { mode: "assign" })).toThrow(/not extensible/);
    },
  );
});
