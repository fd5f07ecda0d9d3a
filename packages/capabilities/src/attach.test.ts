import { createRecorder } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { tracer, Vault, withAll } from "../test/support/vault.ts";
import {
  attachDebugging,
  attachLogging,
  attachTiming,
  attachTracing,
  loggingOf,
  targetOf,
  timingOf,
} from "./index.ts";

describe("the result of an attach", () => {
  it("runs methods, accessors and generators of a class with private fields on the instance itself", async () => {
    const vault = withAll(new Vault());
    expect(vault.reveal()).toBe(7);
    vault.secret = 8;
    expect(vault.secret).toBe(8);
    expect(await vault.revealLater()).toBe(8);
    expect([...vault.digits()]).toEqual([8]);
  });

  it("keeps identity where the language allows", () => {
    const component = new Vault();
    const vault = withAll(component);
    expect(vault).toBeInstanceOf(Vault);
    expect(vault.constructor).toBe(Vault);
    expect(targetOf(vault)).toBe(component);
    expect(targetOf(component)).toBe(component);
    expect(vault.reveal).toBe(vault.reveal);
    expect(targetOf(vault.reveal)).toBe(component.reveal);
    expect(Object.keys(vault)).toEqual(["label"]);
    expect(JSON.stringify(vault)).toBe('{"label":"vault"}');
  });

  it("returns itself where a method returns its this, so that chains keep their capabilities", () => {
    const vault = withAll(new Vault());
    expect(vault.self()).toBe(vault);
  });

  it("does not change the component", () => {
    const component = new Vault();
    const before = Reflect.ownKeys(component);
    withAll(component).logInfo("hello");
    expect(Reflect.ownKeys(component)).toEqual(before);
    expect("logInfo" in component).toBe(false);
  });

  it("keeps names, length and kind of functions", async () => {
    const add = withAll(function add(this: unknown, a: number, b: number) {
      return a + b;
    });
    expect([typeof add, add.name, add.length, add(1, 2), add.call(undefined, 2, 3)]).toEqual([
      "function",
      "add",
      2,
      3,
      5,
    ]);
    expect(add.bind(undefined, 4)(5)).toBe(9);
    expect(withAll((a: number) => a * 2)(4)).toBe(8);
    expect(await withAll(async (a: number) => await Promise.resolve(a))(3)).toBe(3);
    const count = withAll(function* count() {
      yield 1;
    });
    expect([...count()]).toEqual([1]);
    expect(timingOf(add).getTimings().get("add")?.count).toBe(3);
  });

  it("constructs and extends classes", () => {
    const Enhanced = withAll(Vault);
    class Safe extends Enhanced {}
    const made = new Enhanced();
    const safe = new Safe();
    expect(made).toBeInstanceOf(Vault);
    expect(made).toBeInstanceOf(Enhanced);
    expect(Object.getPrototypeOf(made)).toBe(Vault.prototype);
    expect([safe.reveal(), safe instanceof Safe, Object.getPrototypeOf(safe) === Safe.prototype]).toEqual([
      7,
      true,
      true,
    ]);
    expect(Enhanced.count()).toBeGreaterThan(1);
    expect(timingOf(Enhanced).getTimings().get("new Vault")?.count).toBe(2);
  });

  it("serves built-ins with internal slots", async () => {
    const map = withAll(new Map([["a", 1]]));
    expect(map.set("b", 2)).toBe(map);
    expect([map.size, map.get("b"), [...map]]).toEqual([
      2,
      2,
      [
        ["a", 1],
        ["b", 2],
      ],
    ]);
    expect(map).toBeInstanceOf(Map);
    expect(withAll(new Set([1])).has(1)).toBe(true);
    expect(withAll(new Date(0)).toISOString()).toBe("1970-01-01T00:00:00.000Z");
    expect(+withAll(new Date(5))).toBe(5);
    expect("xay".replace(withAll(/a/), "b")).toBe("xby");
    expect(withAll(new Uint8Array(3)).length).toBe(3);
    expect(await withAll(Promise.resolve(4))).toBe(4);
  });

  it("serves arrays, and leaves the functions in them as they are", () => {
    const callback = (): number => 1;
    const list = withAll<unknown[]>([callback, 2]);
    expect(Array.isArray(list)).toBe(true);
    expect(list[0]).toBe(callback);
    expect(list.push(3)).toBe(3);
    expect([list.length, list.indexOf(callback), list.map(String).length]).toEqual([3, 0, 3]);
    expect(JSON.stringify(withAll([1, 2]))).toBe("[1,2]");
  });

  it("serves objects without prototype, and objects that are a proxy already", () => {
    const bare: Record<string, unknown> = Object.assign(Object.create(null), { a: 1 });
    expect(Object.keys(withAll(bare))).toEqual(["a"]);
    const component = new Proxy(
      { a: 1 },
      { get: (target, key) => (key === "a" ? 2 : Reflect.get(target, key)) },
    );
    const proxied = withAll(component);
    expect([proxied.a, targetOf(proxied) === component]).toEqual([2, true]);
    const strict = new Proxy(
      { a: 1 },
      {
        get(target, key) {
          if (!(key in target)) throw new ReferenceError(String(key));
          return Reflect.get(target, key);
        },
      },
    );
    expect(withAll(strict).a).toBe(1);
  });

  it("is the component as new.target of a class", () => {
    class Probe {
      readonly madeAs: unknown;
      constructor() {
        this.madeAs = new.target;
      }
    }
    const Enhanced = withAll(Probe);
    expect(new Enhanced().madeAs).toBe(Probe);
  });

  it("is a component like any other behind a proxy of somebody else", () => {
    const vault = withAll({ run: () => 1 });
    const foreign = new Proxy(vault, { get: (target, key) => Reflect.get(target, key) });
    expect(targetOf(foreign)).toBe(foreign);
    expect(loggingOf(foreign)).toBeUndefined();
    expect(targetOf(attachTiming(foreign))).toBe(foreign);
  });

  it("may be awaited, thenable or not", async () => {
    const vault = withAll(new Vault());
    expect(await vault).toBe(vault);
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what this is about
    expect(await withAll({ then: (resolve: (value: number) => void) => resolve(6) })).toBe(6);
  });

  it("hands a value that the component stores over as it is", () => {
    const component: { a(): number; b?: () => number } = { a: () => 1 };
    const result = withAll(component);
    result.b = result.a;
    expect(component.b).toBe(component.a);
    const logged = attachLogging(() => 2, createRecorder());
    result.b = logged;
    expect(component.b).toBe(logged);
    expect(loggingOf(result.b)).toBeDefined();
  });

  it("gives an object that inherits from it the members, and its own this", () => {
    const child: Vault = Object.create(
      withAll({
        who(): unknown {
          return this;
        },
      }),
    );
    expect(Reflect.apply(Reflect.get(child, "who"), child, [])).toBe(child);
    expect(loggingOf(child)).toBeUndefined();
    expect(targetOf(child)).toBe(child);
  });

  it.each<unknown>([1, "text", null, undefined, true, 1n, Symbol("s")])(
    "refuses the primitive %s",
    (primitive) => {
      const component = primitive as object;
      expect(() => attachLogging(component, createRecorder())).toThrow(
        /^attachLogging: the component must be/,
      );
      expect(() => attachTiming(component)).toThrow(TypeError);
      expect(() => attachTracing(component, tracer)).toThrow(TypeError);
      expect(() => attachDebugging(component, { loggable: createRecorder() })).toThrow(TypeError);
    },
  );
});

describe("several capabilities", () => {
  it("stack in any order on one component", () => {
    const recorder = createRecorder();
    const component = { run: () => 1 };
    const steps = [
      (value: object): object => attachLogging(value, recorder),
      (value: object): object => attachTracing(value, tracer),
      (value: object): object => attachDebugging(value, { loggable: recorder }),
      (value: object): object => attachTiming(value),
    ];
    for (let turn = 0; turn < steps.length; turn += 1) {
      const order = [...steps.slice(turn), ...steps.slice(0, turn)];
      const result = order.reduce<object>((value, step) => step(value), component);
      expect(targetOf(result)).toBe(component);
      for (const name of ["logInfo", "traceEvent", "captureState", "getTimings"])
        expect(name in result).toBe(true);
    }
  });

  it("leave an earlier result as it was", () => {
    const logged = attachLogging({}, createRecorder());
    attachTiming(logged);
    expect([timingOf(logged), "getTimings" in logged]).toEqual([undefined, false]);
  });

  it("replace one of the same kind, so that a call is logged and measured once", () => {
    const [first, second] = [createRecorder(), createRecorder()];
    const once = attachLogging(attachLogging({ run: () => 1 }, first), second);
    const twice = attachDebugging(attachDebugging(attachTiming(attachTiming(once)), { loggable: first }), {
      loggable: second,
    });
    twice.enableTracing(true);
    twice.logInfo("hello");
    twice.run();
    expect(first.entries).toHaveLength(0);
    expect(second.entries.map(({ message }) => message)).toEqual(["hello", "run returned"]);
    expect(timingOf(twice).getTimings().get("run")?.count).toBe(1);
  });
});
