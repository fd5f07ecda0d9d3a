import { describe, expect, it } from "vitest";
import { type CaptureLimits, captureState, resolveLimits } from "./capture-state.ts";

const capture = (component: object, limits: CaptureLimits = {}) =>
  captureState(component, resolveLimits(limits));

describe("captureState", () => {
  it("shows own properties, and neither private fields nor inherited accessors", () => {
    class Strategy {
      #secret = 1;
      threshold = 0.5;
      get secret(): number {
        return this.#secret;
      }
    }
    expect(capture(new Strategy())).toEqual({ threshold: 0.5 });
  });

  it("turns every kind of value into what JSON can hold", () => {
    const state = capture({
      n: Number.NaN,
      b: 10n,
      s: Symbol("x"),
      u: undefined,
      nil: null,
      f: function run() {
        return 1;
      },
      d: new Date(0),
      bad: new Date(Number.NaN),
      m: new Map([["k", { v: 1 }]]),
      set: new Set([1]),
      r: /a/g,
      e: new TypeError("wrong"),
      bytes: new Uint8Array(4),
      p: Promise.resolve(1),
    });
    expect(state).toEqual({
      n: "[NaN]",
      b: "10n",
      s: "Symbol(x)",
      u: "[undefined]",
      nil: null,
      f: "[function run]",
      d: "1970-01-01T00:00:00.000Z",
      bad: "[invalid date]",
      m: { entries: [["k", { v: 1 }]] },
      set: { values: [1] },
      r: "/a/g",
      e: { name: "TypeError", message: "wrong" },
      bytes: "[Uint8Array of 4 bytes]",
      p: "[Promise]",
    });
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });

  it("ends at circles, and shows the same object twice where there is none", () => {
    const shared = { x: 1 };
    const component: Record<string, unknown> = { a: shared, b: shared };
    component.self = component;
    expect(capture(component)).toEqual({ a: { x: 1 }, b: { x: 1 }, self: "[circular]" });
  });

  it("runs no getter unless asked to, and survives those that throw", () => {
    const component = {
      get fine() {
        return 1;
      },
      get broken(): number {
        throw new Error("no");
      },
    };
    expect(capture(component)).toEqual({ fine: "[getter]", broken: "[getter]" });
    expect(capture(component, { readGetters: true })).toEqual({ fine: 1, broken: "[unreadable]" });
  });

  it("survives proxies that refuse everything", () => {
    const refuse = (): never => {
      throw new Error("no");
    };
    const hostile = new Proxy({}, { ownKeys: refuse, get: refuse, getPrototypeOf: refuse });
    expect(capture({ hostile })).toEqual({ hostile: "[unreadable]" });
    expect(capture(hostile)).toEqual({ "[value]": "[unreadable]" });
  });

  it("keeps within each limit and says what it left out", () => {
    expect(capture({ a: { b: { c: 1 } } }, { depthMax: 1 })).toEqual({ a: { b: "[Object]" } });
    expect(capture({ a: 1, b: 2, c: 3 }, { propertiesMax: 2 })).toEqual({ a: 1, b: 2, "[more]": 1 });
    expect(capture([1, 2, 3], { propertiesMax: 2 })).toEqual({ "[value]": [1, 2, "[1 more]"] });
    expect(capture({ text: "abcdef" }, { textCharsMax: 4 })).toEqual({ text: "abcd… [2 more]" });
    expect(capture({ a: 1, b: [2, 3, 4] }, { valuesMax: 3 })).toEqual({ a: 1, b: [2, "[2 more]"] });
  });

  it("takes a key called __proto__ for a key", () => {
    const state = capture(JSON.parse('{"__proto__":{"polluted":1}}'));
    expect(Object.getPrototypeOf(state)).toBe(Object.prototype);
    expect(Object.keys(state)).toEqual(["__proto__"]);
  });
});
