import { describe, expect, it } from "vitest";
import { snapshot } from "../../test/support/snapshots.ts";
import type { AlertReading, AlertRule } from "./alert-rule.ts";
import { createAlertRules } from "./alert-rules.ts";

/** A rule whose readings are told in advance, one per round. */
function scripted(readings: readonly AlertReading[], more: Partial<AlertRule> = {}): AlertRule {
  let round = 0;
  const read = (): AlertReading => readings[round++];
  return { name: "load", severity: "warning", unit: "per_minute", firesAt: 10, coolDownMs: 0, read, ...more };
}

const minute = 60_000;

describe("createAlertRules", () => {
  it("tells what began and what ended, with everything that a receiver needs", () => {
    const rules = createAlertRules([scripted([12.3456, 12, 3])]);
    const events = [0, 1, 2].flatMap((at) => rules.evaluate(snapshot({ atMs: 5000 + at }), at * minute));
    expect(events).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        alert: "load",
        key: undefined,
        severity: "warning",
        state: "firing",
        change: "fired",
        value: 12.3456,
        threshold: 10,
        unit: "per_minute",
        message: "load is 12.35 per_minute, threshold 10",
        atMs: 5000,
        durationMs: 0,
      },
      expect.objectContaining({
        state: "ok",
        change: "resolved",
        value: 3,
        message: "ended: load is 3 per_minute, threshold 10",
        atMs: 5002,
        durationMs: 2 * minute,
      }),
    ]);
    expect(events[0]?.id).not.toBe(events[1]?.id);
  });

  it("watches every key for itself", () => {
    const rules = createAlertRules([
      scripted([
        new Map([
          ["a", 11],
          ["b", 1],
        ]),
        new Map([
          ["a", 11],
          ["b", 12],
        ]),
        new Map([
          ["a", 2],
          ["b", 12],
        ]),
      ]),
    ]);
    const told = [0, 1, 2].map((at) =>
      rules.evaluate(snapshot(), at * minute).map(({ key, change }) => [key, change]),
    );
    expect(told).toEqual([[["a", "fired"]], [["b", "fired"]], [["a", "resolved"]]]);
    expect(rules.firing().map(({ key }) => key)).toEqual(["b"]);
  });

  it("ends the alert of a key that is gone, and says so", () => {
    const rules = createAlertRules([scripted([new Map([["a", 11]]), new Map()])]);
    rules.evaluate(snapshot(), 0);
    expect(rules.evaluate(snapshot(), minute)).toEqual([
      expect.objectContaining({
        change: "resolved",
        value: undefined,
        durationMs: minute,
        message: "ended: load of a, which is gone",
      }),
    ]);
    expect(rules.firing()).toEqual([]);
  });

  it("keeps the cool-down of a key that goes and comes back", () => {
    const there = new Map([["a", 11]]);
    const rule = scripted([there, new Map(), there, there], { coolDownMs: 3 * minute });
    const rules = createAlertRules([rule]);
    const changes = [0, 1, 2, 3].map((at) =>
      rules.evaluate(snapshot(), at * minute).map(({ change }) => change),
    );
    expect(changes).toEqual([["fired"], ["resolved"], [], ["fired"]]);
  });

  it("neither begins nor ends anything while the reading as a whole is missing", () => {
    const rules = createAlertRules([scripted([new Map([["a", 11]]), undefined])]);
    rules.evaluate(snapshot(), 0);
    expect(rules.evaluate(snapshot(), minute)).toEqual([]);
    expect(rules.firing()).toHaveLength(1);
  });

  it("counts a rule that throws and still evaluates the others", () => {
    const broken = scripted([], {
      name: "broken",
      read: () => {
        throw new Error("bug");
      },
    });
    const rules = createAlertRules([broken, scripted([11])]);
    expect(rules.evaluate(snapshot(), 0)).toHaveLength(1);
    expect(rules.failures).toBe(1);
  });

  it("tells an alert in plain words when its own words fail", () => {
    const describe = (): string => {
      throw new Error("bug");
    };
    const rules = createAlertRules([scripted([11], { describe })]);
    expect(rules.evaluate(snapshot(), 0)[0]?.message).toBe("load is 11 per_minute, threshold 10");
    expect(rules.failures).toBe(1);
  });

  it("follows at most as many keys as it may, counts that, and has room again later", () => {
    const many = (from: number, to: number) =>
      new Map(Array.from({ length: to - from }, (_, index) => [`c${from + index}`, 11] as const));
    const rules = createAlertRules([scripted([many(0, 5), many(3, 8)])], { keysMax: 3 });
    const first = rules.evaluate(snapshot(), 0).map(({ key }) => key);
    expect([first, rules.failures]).toEqual([["c0", "c1", "c2"], 1]);
    rules.evaluate(snapshot(), minute);
    expect(rules.firing()).toHaveLength(0);
  });

  it("leaves an alert where it stands when its rule changes, and ends it by the new threshold", () => {
    const rules = createAlertRules([scripted([20])]);
    const changesOf = (at: number) =>
      rules
        .evaluate(snapshot(), at * minute)
        .map(({ change, threshold, durationMs }) => [change, threshold, durationMs]);
    const told = [changesOf(0)];
    rules.replace([scripted([20, 20], { firesAt: 15 })]);
    told.push(changesOf(1), changesOf(2));
    rules.replace([scripted([20], { firesAt: 25 })]);
    told.push(changesOf(3));
    expect(told).toEqual([[["fired", 10, 0]], [], [], [["resolved", 25, 3 * minute]]]);
  });

  it("keeps the cool-down of a rule that changes", () => {
    const rules = createAlertRules([scripted([11, 1], { coolDownMs: 3 * minute })]);
    const changesOf = (at: number) => rules.evaluate(snapshot(), at * minute).map(({ change }) => change);
    const told = [changesOf(0), changesOf(1)];
    rules.replace([scripted([9, 9], { firesAt: 5, coolDownMs: 3 * minute })]);
    told.push(changesOf(2), changesOf(3));
    expect(told).toEqual([["fired"], ["resolved"], [], ["fired"]]);
  });

  it("ends the alerts of a rule that is gone, and says so", () => {
    const rules = createAlertRules([scripted([new Map([["a", 11]])]), scripted([1], { name: "other" })]);
    rules.evaluate(snapshot(), 0);
    rules.replace([scripted([1, 1], { name: "other" })]);
    expect(rules.firing()).toHaveLength(1);
    expect(rules.evaluate(snapshot(), minute)).toEqual([
      expect.objectContaining({
        change: "resolved",
        value: undefined,
        durationMs: minute,
        message: "ended: load of a, which is not watched any more",
      }),
    ]);
    expect([rules.firing(), rules.evaluate(snapshot(), 2 * minute)]).toEqual([[], []]);
  });

  it("knows a rule again that was gone for no round", () => {
    const rules = createAlertRules([scripted([11])]);
    rules.evaluate(snapshot(), 0);
    rules.replace([]);
    rules.replace([scripted([11])]);
    expect(rules.evaluate(snapshot(), minute)).toEqual([]);
    expect(rules.firing()).toHaveLength(1);
  });

  it("keeps its rules when it refuses others, and its count of failures when they change", () => {
    const read = (): never => {
      throw new Error("bug");
    };
    const rules = createAlertRules([scripted([11, 11]), scripted([], { name: "broken", read })]);
    rules.evaluate(snapshot(), 0);
    expect(() => rules.replace([scripted([]), scripted([])])).toThrow(RangeError);
    expect(() => rules.replace([scripted([], { clearsAt: 11 })])).toThrow("alert rule load");
    rules.evaluate(snapshot(), minute);
    expect([rules.firing().length, rules.failures]).toEqual([1, 2]);
    rules.replace([]);
    rules.evaluate(snapshot(), 2 * minute);
    expect(rules.failures).toBe(2);
  });

  it("refuses two rules of one name, thresholds that cannot work, and no room", () => {
    expect(() => createAlertRules([scripted([]), scripted([])])).toThrow(RangeError);
    expect(() => createAlertRules([scripted([], { clearsAt: 11 })])).toThrow("alert rule load");
    expect(() => createAlertRules([], { keysMax: 0 })).toThrow(RangeError);
  });
});
