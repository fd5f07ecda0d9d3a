import type { HostileValue } from "./hostile-values.ts";

function value(label: string, create: () => unknown): HostileValue {
  return { label, create: () => ({ value: create() }) };
}

function whole(label: string, create: () => Readonly<Record<string, unknown>>): HostileValue {
  return { label, create };
}

function fail(): never {
  throw new Error("hostile");
}

/** Depth 1 = the innermost; built from inside, so that building needs no stack. */
function nested(depth: number): object {
  let node: object = {};
  for (let level = 1; level < depth; level += 1) node = { node };
  return node;
}

/** Each level names the one below twice: 2^levels paths through few objects. */
function doubling(levels: number): object {
  let node: object = { leaf: true };
  for (let level = 0; level < levels; level += 1) node = { left: node, right: node };
  return node;
}

function circular(): Record<string, unknown> {
  const node: Record<string, unknown> = { name: "node" };
  node["self"] = node;
  return node;
}

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function errorWithCircularCause(): Error {
  const error = new Error("outer");
  error.cause = new Error("inner", { cause: error });
  return error;
}

const broken: readonly HostileValue[] = [
  whole("context that contains itself", circular),
  value("circular array", () => {
    const list: unknown[] = [];
    list.push(list);
    return list;
  }),
  whole("throwing getter", () => ({
    get bad() {
      return fail();
    },
    good: 1,
  })),
  value("throwing toJSON", () => ({ toJSON: fail })),
  whole("throwing toJSON of the context", () => ({ toJSON: fail })),
  value("toJSON that returns itself", () => ({
    toJSON() {
      return this;
    },
  })),
  value("toJSON that returns undefined", () => ({ toJSON: () => undefined })),
  value("proxy that throws on everything", () => new Proxy({}, { get: fail, ownKeys: fail, has: fail })),
  whole("context that is such a proxy", () => new Proxy({}, { get: fail, ownKeys: fail, has: fail })),
  value("revoked proxy", revokedProxy),
  value("thrown value that cannot be described", () => ({
    get bad() {
      throw Object.create(null);
    },
  })),
  value("object without prototype", () => Object.assign(Object.create(null), { a: 1 })),
  value("error with a circular cause", errorWithCircularCause),
  value("error with throwing message", () => Object.defineProperty(new Error(), "message", { get: fail })),
];

const types: readonly HostileValue[] = [
  value("bigint", () => 2n ** 70n),
  value("symbol", () => Symbol("hidden")),
  value("function", () => fail),
  value("undefined", () => undefined),
  value("not a number", () => [Number.NaN, Number.POSITIVE_INFINITY, -0]),
  value("invalid date", () => new Date(Number.NaN)),
  value("map and set with odd keys", () => [new Map([[{}, 1n]]), new Set([Symbol("member")])]),
  value("binary data", () => [Buffer.alloc(1000, 255), new BigInt64Array(4), new ArrayBuffer(8)]),
  value("promise, weak map, generator", () => [Promise.resolve(1), new WeakMap(), [].values()]),
  value("boxed primitives", () => [Object(1n), Object("text"), Object(Symbol("boxed"))]),
  whole("symbol keys", () => ({ [Symbol("key")]: 1, plain: 2 })),
];

const large: readonly HostileValue[] = [
  value("depth 100 000", () => nested(100_000)),
  value("2^22 paths through 23 objects", () => doubling(22)),
  value("sparse array of 5 million", () => new Array(5_000_000)),
  whole("100 000 keys", () =>
    Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`key${index}`, index])),
  ),
  value("key of 1 MB", () => ({ ["k".repeat(1_000_000)]: 1 })),
];

const pollution: readonly HostileValue[] = [
  whole("own member __proto__", () => JSON.parse('{"__proto__":{"polluted":true}}')),
  whole("constructor.prototype", () => JSON.parse('{"constructor":{"prototype":{"polluted":true}}}')),
  value("nested __proto__", () => JSON.parse('{"a":{"__proto__":{"toJSON":1,"polluted":true}}}')),
  whole("hasOwnProperty as data", () => ({ hasOwnProperty: 1, toString: 2, valueOf: 3 })),
];

/** Objects that throw, never end, or reach for prototypes. */
export const hostileObjects: readonly HostileValue[] = [...broken, ...types, ...large, ...pollution];
