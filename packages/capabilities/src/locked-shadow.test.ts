import { describe, expect, it } from "vitest";
import { Vault, withAll } from "../test/support/vault.ts";
import { timingOf } from "./index.ts";

describe("a component that cannot change", () => {
  it("keeps private fields, keys and frozenness", () => {
    const vault = withAll(Object.freeze(new Vault()));
    vault.logInfo("hello");
    expect([vault.reveal(), Object.isFrozen(vault), Object.isSealed(vault), "logInfo" in vault]).toEqual([
      7,
      true,
      true,
      true,
    ]);
    expect(Reflect.set(vault, "label", "other")).toBe(false);
  });

  it("is observed and runs as itself even where its own methods are frozen", () => {
    const component = Object.freeze({
      who(): unknown {
        return this;
      },
      map: Object.freeze(new Map([["a", 1]])),
    });
    const result = withAll(component);
    expect(result.who).toBe(result.who);
    expect(result.who()).toBe(result);
    expect(timingOf(result).getTimings().get("who")?.count).toBe(1);
    expect(result.map).toBe(component.map);
    expect(Object.isFrozen(result)).toBe(true);
    expect(Reflect.ownKeys(result)).toEqual(["who", "map"]);
    expect(Object.getOwnPropertyDescriptor(result, "who")).toEqual({
      value: result.who,
      writable: false,
      enumerable: true,
      configurable: false,
    });
    expect([
      Reflect.deleteProperty(result, "who"),
      Reflect.set(result, "who", 1),
      Reflect.has(result, "who"),
    ]).toEqual([false, false, true]);
    expect(Reflect.defineProperty(result, "who", { value: result.who })).toBe(true);
    expect(Reflect.setPrototypeOf(result, null)).toBe(false);
  });

  it("is followed when only some methods are locked and the rest changes", () => {
    const component: Record<string, unknown> = { a: 1 };
    Object.defineProperty(component, "m", { value: () => 3, enumerable: true });
    const result = withAll(component);
    result.b = 2;
    delete component.a;
    expect([Object.keys(result), "a" in result, result.b]).toEqual([["m", "b"], false, 2]);
    expect(Object.isExtensible(result)).toBe(true);
    Object.setPrototypeOf(result, Vault.prototype);
    expect(result).toBeInstanceOf(Vault);
    Object.freeze(component);
    expect([Object.isFrozen(result), Object.keys(result)]).toEqual([true, ["m", "b"]]);
  });

  it("loses what the component loses when nothing can be added any more", () => {
    const component: { a?: number } = Object.preventExtensions(
      Object.defineProperty({ a: 1 }, "m", { value: () => 3 }),
    );
    const result = withAll(component);
    delete component.a;
    expect(["a" in result, result.a, Reflect.ownKeys(result)]).toEqual([false, undefined, ["m"]]);
  });

  it("may freeze itself later, through the result or not", () => {
    const component = { m: () => 4 };
    const result = withAll(component);
    Object.freeze(result);
    expect([result.m(), Object.isFrozen(component)]).toEqual([4, true]);
  });

  it("may be a frozen function or class with methods of its own", () => {
    const run = Object.freeze(
      Object.assign(
        function run(a: number) {
          return a;
        },
        { stop: () => "stopped" },
      ),
    );
    const result = withAll(run);
    expect([result(1), result.stop(), result.name, Object.isFrozen(result), typeof result]).toEqual([
      1,
      "stopped",
      "run",
      true,
      "function",
    ]);
    const Arrow = withAll(Object.freeze(Object.assign(() => 1, { stop: () => 2 })));
    expect(() => Reflect.construct(Arrow, [])).toThrow(TypeError);
    class Shop extends Vault {
      static open(): unknown {
        // biome-ignore lint/complexity/noThisInStatic: which `this` it gets is what this is about
        return this;
      }
    }
    const Enhanced = withAll(Object.freeze(Shop));
    expect(new Enhanced()).toBeInstanceOf(Shop);
    expect(Enhanced.prototype).toBe(Shop.prototype);
    expect(Enhanced.open()).toBe(Enhanced);
    expect(Reflect.ownKeys(Enhanced)).toEqual(Reflect.ownKeys(Shop));
  });
});
