import { describe, expect, it } from "vitest";
import type { ConfigInput } from "./config-input.ts";
import { resolveConfig } from "./load-config.ts";

describe("the result", () => {
  it("is frozen all the way down", () => {
    const { config, warnings } = resolveConfig({
      containers: { a: { type: "a", settings: { list: [{}] } } },
    });
    const frozen = (value: unknown): boolean =>
      typeof value !== "object" ||
      value === null ||
      (Object.isFrozen(value) && Object.values(value).every(frozen));
    expect(frozen(config)).toBe(true);
    expect(frozen(warnings)).toBe(true);
  });

  it("leaves the object of the caller, and instances in settings, alone", () => {
    const broker = new (class Broker {
      orders = 0;
    })();
    const input = { containers: { a: { type: "a", settings: { broker, onFill: () => 1 } } } };
    const { config } = resolveConfig(input);
    broker.orders += 1;
    expect(config.containers["a"]?.settings["broker"]).toBe(broker);
    expect(Object.isFrozen(input.containers.a.settings)).toBe(false);
  });

  it("refuses objects that cannot be configuration", () => {
    const circular: Record<string, unknown> = {};
    circular["logging"] = circular;
    const hostile = {
      get logging(): never {
        throw new Error("no");
      },
    };
    expect(() => resolveConfig(circular as ConfigInput)).toThrow("logging  refers to itself");
    expect(() => resolveConfig(hostile)).toThrow("the configuration object cannot be read");
    expect(() => resolveConfig(new Map() as ConfigInput)).toThrow(
      "must be plain data, is an instance of a class",
    );
    expect(() => resolveConfig(JSON.parse('{"__proto__":{"polluted":1}}'))).toThrow("is a reserved word");
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });
});
