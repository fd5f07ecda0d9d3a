import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { attachDebugging, attachLogging, attachTiming, targetOf } from "../../src/index.ts";

const seed = 20_261_123;
const loggable = { log: () => undefined };

function enhanced(component: object): object {
  const debugged = attachDebugging(attachTiming(attachLogging(component, loggable)), { loggable });
  debugged.enableTracing(true);
  return debugged;
}

/** Methods are seen through views, so they are compared by what they stand for. */
const plain = (value: unknown): unknown => targetOf(value);

function descriptorOf(owner: object, key: PropertyKey): PropertyDescriptor | undefined {
  const descriptor = Reflect.getOwnPropertyDescriptor(owner, key);
  return descriptor && "value" in descriptor ? { ...descriptor, value: plain(descriptor.value) } : descriptor;
}

function observe(owner: object, probes: readonly string[]): unknown {
  const keys = Reflect.ownKeys(owner);
  return {
    keys,
    enumerable: Object.keys(owner),
    values: [...keys, ...probes].map((key) => plain(Reflect.get(owner, key))),
    has: [...keys, ...probes].map((key) => Reflect.has(owner, key)),
    descriptors: [...keys, ...probes].map((key) => descriptorOf(owner, key)),
    results: keys.map((key) => {
      const method: unknown = Reflect.get(owner, key);
      return typeof method === "function" && method !== Inner
        ? plain(Reflect.apply(method, owner, [1, 2]))
        : undefined;
    }),
    json: JSON.stringify(owner),
    state: [Object.isExtensible(owner), Object.isSealed(owner), Object.isFrozen(owner)],
    tag: Object.prototype.toString.call(owner),
    kind: [typeof owner, Array.isArray(owner)],
  };
}

const key = fc.oneof(fc.string({ maxLength: 6 }), fc.constantFrom("run", "log", "constructor"));
class Inner {
  readonly size = 1;
}

const value = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(
    (a: number, b: number) => a + b,
    function count(this: object) {
      return Reflect.ownKeys(this).length;
    },
    function self(this: object) {
      return this;
    },
    Inner,
    Symbol("s"),
    undefined,
  ),
);

const property = fc.record({
  key,
  value,
  kind: fc.constantFrom("data", "data", "accessor"),
  writable: fc.boolean(),
  enumerable: fc.boolean(),
  configurable: fc.boolean(),
});

const base = fc.constantFrom<() => object>(
  () => ({}),
  () => Object.create(null),
  () => [1, 2],
  () =>
    new (class Own {
      #hidden = 3;
      get hidden() {
        return this.#hidden;
      }
    })(),
  () => new Map([[1, 2]]),
  () => () => 4,
);

const lock = fc.constantFrom<(owner: object) => object>(
  (owner) => owner,
  Object.freeze,
  Object.seal,
  Object.preventExtensions,
);

function build(
  create: () => object,
  properties: readonly (typeof property extends fc.Arbitrary<infer P> ? P : never)[],
) {
  const owner = create();
  for (const { key: name, value: held, kind, writable, enumerable, configurable } of properties) {
    const descriptor = kind === "data" ? { value: held, writable } : { get: () => held };
    Reflect.defineProperty(owner, name, { ...descriptor, enumerable, configurable });
  }
  return owner;
}

describe("the result of an attach", () => {
  it("cannot be told from the component by keys, values, descriptors, results or state", () => {
    fc.assert(
      fc.property(
        base,
        fc.array(property, { maxLength: 6 }),
        lock,
        fc.array(key),
        (create, properties, close, probes) => {
          const owner = close(build(create, properties));
          const unknownProbes = probes.filter((probe) => probe !== "log");
          const result = enhanced(owner);
          expect(observe(result, unknownProbes)).toEqual(observe(owner, unknownProbes));
          expect(Object.getPrototypeOf(result)).toBe(Object.getPrototypeOf(owner));
        },
      ),
      { seed, numRuns: 400 },
    );
  });

  it("stays the same as the component while either is changed", () => {
    const change = fc.record({
      property,
      through: fc.boolean(),
      act: fc.constantFrom("define", "set", "delete", "freeze"),
    });
    fc.assert(
      fc.property(
        base,
        fc.array(property, { maxLength: 4 }),
        fc.array(change, { maxLength: 6 }),
        (create, properties, changes) => {
          const owner = build(create, properties);
          const result = enhanced(owner);
          for (const { property: changed, through, act } of changes) {
            const side = through ? result : owner;
            const { key: name, value: held, writable, enumerable, configurable } = changed;
            if (act === "define")
              Reflect.defineProperty(side, name, { value: held, writable, enumerable, configurable });
            if (act === "set") Reflect.set(side, name, held);
            if (act === "delete") Reflect.deleteProperty(side, name);
            if (act === "freeze") Object.freeze(side);
          }
          const seen = (side: object) =>
            Reflect.ownKeys(side).map((name) => [
              name,
              descriptorOf(side, name),
              plain(Reflect.get(side, name)),
            ]);
          expect(seen(result)).toEqual(seen(owner));
          expect(Object.isFrozen(result)).toBe(Object.isFrozen(owner));
        },
      ),
      { seed, numRuns: 400 },
    );
  });
});
