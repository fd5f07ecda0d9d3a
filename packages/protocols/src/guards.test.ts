import { describe, expect, it } from "vitest";
import {
  isContainerAware,
  isCorrelationAware,
  isDebuggable,
  isEventTrackable,
  isLifecycleManaged,
  isLoggable,
} from "./index.ts";

interface GuardCase {
  readonly name: string;
  readonly guard: (value: unknown) => boolean;
  /** Every member that the protocol asks for. */
  readonly members: Readonly<Record<string, unknown>>;
}

function act(): undefined {
  return undefined;
}

function fail(): never {
  throw new Error("hostile");
}

const guards: readonly GuardCase[] = [
  { name: "isLoggable", guard: isLoggable, members: { log: act } },
  { name: "isEventTrackable", guard: isEventTrackable, members: { traceEvent: act } },
  {
    name: "isContainerAware",
    guard: isContainerAware,
    members: { containerId: "risk_001", componentName: "limits" },
  },
  {
    name: "isCorrelationAware",
    guard: isCorrelationAware,
    members: { setCorrelationId: act, getCorrelationId: act },
  },
  { name: "isDebuggable", guard: isDebuggable, members: { captureState: act, enableTracing: act } },
  {
    name: "isLifecycleManaged",
    guard: isLifecycleManaged,
    members: { initialize: act, cleanup: act, getStatus: act },
  },
];

function revokedProxy(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

const refused: readonly (readonly [string, unknown])[] = [
  ["undefined", undefined],
  ["null", null],
  ["true", true],
  ["a number", 1],
  ["a bigint", 1n],
  ["a text", "log"],
  ["a symbol", Symbol("log")],
  ["an empty object", {}],
  ["an object without prototype", Object.create(null)],
  ["an array", ["log"]],
  ["a plain function", act],
  ["a revoked proxy", revokedProxy({})],
  ["a revoked proxy of a function", revokedProxy(act)],
  ["a proxy that throws on everything", new Proxy({}, { get: fail, has: fail, getPrototypeOf: fail })],
];

describe.each(guards)("$name", ({ guard, members }) => {
  const names = Object.keys(members);
  const getters = (get: (name: string) => unknown): object =>
    Object.defineProperties({}, Object.fromEntries(names.map((name) => [name, { get: () => get(name) }])));

  it("accepts a plain object with the members, and one with more", () => {
    expect(guard({ ...members })).toBe(true);
    expect(guard({ ...members, other: 1 })).toBe(true);
  });

  it("accepts an object without prototype and a frozen one", () => {
    expect(guard(Object.assign(Object.create(null), members))).toBe(true);
    expect(guard(Object.freeze({ ...members }))).toBe(true);
  });

  it("accepts inherited members, getters and proxies", () => {
    expect(guard(Object.create(Object.create(members)))).toBe(true);
    expect(guard(getters((name) => members[name]))).toBe(true);
    expect(guard(new Proxy({}, { get: (_, name) => members[String(name)] }))).toBe(true);
  });

  it("accepts a function or a class that has the members", () => {
    expect(guard(Object.assign(() => undefined, members))).toBe(true);
    expect(guard(Object.assign(class Component {}, members))).toBe(true);
  });

  it.each(refused)("refuses %s", (_, value) => {
    expect(guard(value)).toBe(false);
  });

  it.each(names)("refuses an object whose %s is missing, of another type, or throws", (name) => {
    const { [name]: right, ...others } = members;
    expect(guard(others)).toBe(false);
    expect(guard({ ...others, [name]: undefined })).toBe(false);
    expect(guard({ ...others, [name]: typeof right === "function" ? "text" : act })).toBe(false);
    expect(guard({ ...others, [name]: Object("text") })).toBe(false);
    expect(guard(getters((each) => (each === name ? fail() : members[each])))).toBe(false);
  });

  it("refuses when a getter throws something that cannot be described", () => {
    const thrower = getters(() => {
      throw Object.create(null);
    });
    expect(guard(thrower)).toBe(false);
  });

  it("refuses when a getter never ends", () => {
    const endless = getters((name) => Reflect.get(endless, name));
    expect(guard(endless)).toBe(false);
  });

  it("neither calls a member nor changes the value", () => {
    const calls = Object.fromEntries(
      names.map((name) => [name, typeof members[name] === "function" ? fail : members[name]]),
    );
    expect(guard(Object.freeze(calls))).toBe(true);
  });
});

describe("guards of methods", () => {
  class Strategy {
    log = act;
    traceEvent = act;
    captureState(): undefined {
      return undefined;
    }
    enableTracing(): undefined {
      return undefined;
    }
    static initialize = act;
    static cleanup = act;
    static getStatus = act;
  }
  class Derived extends Strategy {}

  it("accept an instance, whose methods are on the prototype of its class", () => {
    expect([isLoggable(new Derived()), isDebuggable(new Derived())]).toEqual([true, true]);
  });

  it("see of the class itself its static members only, inherited ones too", () => {
    expect([isLifecycleManaged(Derived), isDebuggable(Derived)]).toEqual([true, false]);
    expect(isLifecycleManaged(new Derived())).toBe(false);
  });
});
