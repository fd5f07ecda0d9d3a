import { describe, expect, it, onTestFinished } from "vitest";
import { encodeValue, shownValue, textOf } from "../test/support/encoded-entry.ts";
import { ByteBuffer } from "./byte-buffer.ts";
import { defaultEncodingLimits } from "./encoding-limits.ts";
import { ValueEncoder } from "./value-encoder.ts";

function fail(): never {
  throw new Error("hostile");
}

/** An object within an object, `depth` objects in all. */
function nested(depth: number): object {
  let node: object = { leaf: true };
  for (let level = 1; level < depth; level++) node = { node };
  return node;
}

/** The member of a value, by the keys on the way to it. */
function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce((inner: unknown, key) => (inner as Record<string, unknown>)[key], value);
}

describe("value encoder", () => {
  it("tells in words what JSON cannot say", () => {
    function named(): void {
      fail();
    }
    expect(
      shownValue([Number.NaN, -Infinity, undefined, 12n, -(2n ** 70n), Symbol("s"), named, () => fail()]),
    ).toEqual([
      "NaN",
      "-Infinity",
      null,
      "12",
      "-1180591620717411303424",
      "Symbol(s)",
      "[Function named]",
      "[Function]",
    ]);
  });

  it("leaves out undefined members, and keeps undefined elements as null", () => {
    expect(encodeValue({ a: undefined, b: [undefined, null], c: null })).toBe('{"b":[null,null],"c":null}');
  });

  it("ignores inherited and symbol members", () => {
    const value = Object.assign(Object.create({ inherited: 1 }), { own: 2, [Symbol("s")]: 3 });
    expect(encodeValue(value)).toBe('{"own":2}');
  });

  it("ignores enumerable members that somebody put on Object.prototype", () => {
    Object.assign(Object.prototype, { polluted: true });
    onTestFinished(() => void Reflect.deleteProperty(Object.prototype, "polluted"));
    expect(encodeValue({ a: { b: [{}] }, error: null })).toBe('{"a":{"b":[{}]},"error":null}');
    expect(shownValue(new Error("e"))).not.toHaveProperty("polluted", "own");
    expect(encodeValue(new Error("e"))).not.toContain("polluted");
  });

  it("keeps a member named __proto__", () => {
    expect(encodeValue(JSON.parse('{"__proto__":{"a":1}}'))).toBe('{"__proto__":{"a":1}}');
    expect(encodeValue(new Map([["__proto__", 1]]))).toBe('{"__proto__":1}');
  });

  it("marks circles, and not objects that merely occur twice", () => {
    const shared = { a: 1 };
    const node: Record<string, unknown> = { left: shared, right: shared };
    node["self"] = [node];
    expect(shownValue(node)).toEqual({ left: { a: 1 }, right: { a: 1 }, self: ["[Circular]"] });
  });

  it("shows as many levels as it may, and marks what is below", () => {
    expect(encodeValue(nested(3), { depthMax: 3 })).toBe('{"node":{"node":{"leaf":true}}}');
    expect(encodeValue(nested(4), { depthMax: 3 })).toBe('{"node":{"node":{"node":"[Object]"}}}');
    expect(encodeValue({ a: [1, 2] }, { depthMax: 1 })).toBe('{"a":"[Array(2)]"}');
  });

  it("stops at the member limit and tells how many are left out", () => {
    expect(encodeValue({ a: 1, b: 2, c: 3 }, { membersMax: 2 })).toBe('{"a":1,"b":2,"…":"[+1]"}');
    expect(encodeValue([1, 2, 3], { membersMax: 2 })).toBe('[1,2,"[+1]"]');
    expect(encodeValue({ a: 1, b: 2 }, { membersMax: 2 })).toBe('{"a":1,"b":2}');
  });

  it("stops at the value limit and says so", () => {
    expect(encodeValue([[1, 2], [3, 4], 5], { nodesMax: 5 })).toBe(
      '[[1,2],[3,"[+1][too many values]"],"[+1][too many values]"]',
    );
    expect(encodeValue({ a: 1, b: 2 }, { nodesMax: 1 })).toBe('{"a":1,"…":"[+1][too many values]"}');
  });

  it("begins no member beyond the given length", () => {
    const into = new ByteBuffer();
    new ValueEncoder(defaultEncodingLimits).encode(into, ["abc", "def", "ghi"], 8);
    expect(textOf(into)).toBe('["abc","def","[+1][too large]"]');
  });

  it("stops when it took too long, by the clock that it was given", () => {
    let nowMs = 1000;
    const slow = { length: 0, reads: 0 };
    const list = Array.from({ length: 1000 }, () =>
      Object.defineProperty({}, "x", {
        enumerable: true,
        get: () => {
          slow.reads++;
          nowMs += 1;
        },
      }),
    );
    const shown = shownValue(list, { encodeMsMax: 50 }, () => nowMs) as unknown[];
    // Two values and one millisecond per element; looks at the values 64, 128 and 192 find 31, 63 and 95 ms gone.
    expect(shown.at(-1)).toBe("[+904][took too long]");
    expect(slow.reads).toBe(95);
  });

  it("does not ask the clock for a usual entry", () => {
    let looks = 0;
    encodeValue({ a: 1, b: { c: [1, 2, 3], d: "text" } }, {}, () => looks++);
    expect(looks).toBe(0);
  });

  it("shows what a getter throws in its place, and the other members", () => {
    const value = {
      get bad() {
        return fail();
      },
      good: 1,
    };
    expect(shownValue(value)).toEqual({ bad: "[Throws: hostile]", good: 1 });
  });

  it("takes back what was written of an object that throws in the middle", () => {
    const traps = {
      getOwnPropertyDescriptor: (target: object, key: PropertyKey) =>
        key === "b" ? fail() : Reflect.getOwnPropertyDescriptor(target, key),
    };
    expect(shownValue([1, new Proxy({ a: { x: 1 }, b: 2 }, traps), { after: 3 }])).toEqual([
      1,
      "[Throws: hostile]",
      { after: 3 },
    ]);
  });

  it("shows what follows as deep as before, however many objects threw", () => {
    const list = [...Array.from({ length: 20 }, () => ({ toJSON: fail })), nested(3)];
    expect((shownValue(list, { depthMax: 4 }) as unknown[]).at(-1)).toEqual(nested(3));
  });

  it("finds circles again after an object that threw", () => {
    const outer: Record<string, unknown> = {};
    outer["bad"] = { toJSON: fail };
    outer["self"] = outer;
    expect(shownValue(outer)).toEqual({ bad: "[Throws: hostile]", self: "[Circular]" });
  });

  it.each([
    [
      "an object without prototype",
      () => {
        throw Object.create(null);
      },
    ],
    [
      "a revoked proxy",
      () => {
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        throw proxy;
      },
    ],
    [
      "an error whose message throws",
      () => {
        throw Object.defineProperty(new Error(), "message", { get: fail });
      },
    ],
  ])("survives a getter that throws %s", (_, get) => {
    expect(shownValue(Object.defineProperty({}, "bad", { get, enumerable: true }))).toEqual({
      bad: "[Throws: unknown]",
    });
  });

  it("caps strings, keys, symbols, function names and thrown messages", () => {
    const long = "x".repeat(5000);
    const shown = shownValue(
      {
        [long]: long,
        symbol: Symbol(long),
        big: 10n ** 115n,
        fn: Object.defineProperty(() => 0, "name", { value: long }),
      },
      { stringUnitsMax: 100 },
    );
    expect(shown).toEqual({
      [`${"x".repeat(1024)}…[+3976]`]: `${"x".repeat(100)}…[+4900]`,
      symbol: `Symbol(${"x".repeat(93)}…[+4908]`,
      big: `1${"0".repeat(99)}…[+16]`,
      fn: `[Function ${"x".repeat(246)}…[+4755]`,
    });
  });

  it("does not convert a huge BigInt", () => {
    expect(shownValue([1n << 5000n, -(1n << 5000n), -1n], { stringUnitsMax: 100 })).toEqual([
      "[BigInt of more than 400 bits]",
      "[BigInt of more than 400 bits]",
      "-1",
    ]);
  });
});

describe("toJSON", () => {
  it("stands for its object, wherever it is among the members", () => {
    expect(
      encodeValue([
        { a: 1, toJSON: () => "first" },
        { toJSON: () => ({ b: [2] }), a: 1 },
      ]),
    ).toBe('["first",{"b":[2]}]');
  });

  it("keeps members that it replaces from being read, however many and large", () => {
    let reads = 0;
    const value = {
      get costly() {
        return reads++;
      },
      many: Array.from({ length: 100 }, () => 0),
      toJSON: () => ({ short: [1, 2, 3] }),
    };
    expect(encodeValue([value, 4], { nodesMax: 10 })).toBe('[{"short":[1,2,3]},4]');
    expect(reads).toBe(0);
  });

  it("that returns its own object shows the members", () => {
    const value = {
      a: 1,
      toJSON() {
        return this;
      },
    };
    expect(shownValue(value)).toEqual({ a: 1, toJSON: "[Function toJSON]" });
    class Own {
      b = 2;
      toJSON(): this {
        return this;
      }
    }
    expect(shownValue(new Own())).toEqual({ b: 2 });
  });

  it("that returns something around its object is a circle", () => {
    const value = { toJSON: () => ({ value }) };
    expect(shownValue(value)).toEqual({ value: "[Circular]" });
  });

  it("that returns ever new objects ends at the depth limit", () => {
    const again = (): object => ({ toJSON: again });
    expect(shownValue(again())).toBe("[Object]");
  });

  it("that is no function is a member", () => {
    expect(encodeValue({ toJSON: 1 })).toBe('{"toJSON":1}');
  });

  it("of a map or an error is data", () => {
    expect(at(shownValue(new Map([["toJSON", fail]])), "toJSON")).toBe("[Function fail]");
    expect(shownValue(Object.assign(new Error("e"), { toJSON: fail }))).toMatchObject({
      message: "e",
      toJSON: "[Function fail]",
    });
  });
});

describe("value encoder called from inside itself", () => {
  it("keeps the limits and circles of both entries apart", () => {
    const encoder = new ValueEncoder({ ...defaultEncodingLimits, nodesMax: 5 });
    const inner = new ByteBuffer();
    const outer: Record<string, unknown> = {
      first: 1,
      get second() {
        inner.length = 0;
        encoder.encode(inner, { outer: [1, 2, 3, 4, 5, 6, 7] }, Number.POSITIVE_INFINITY);
        return "logged";
      },
      third: 3,
    };
    outer["self"] = outer;
    const into = new ByteBuffer();
    encoder.encode(into, outer, Number.POSITIVE_INFINITY);
    expect(JSON.parse(textOf(into))).toEqual({ first: 1, second: "logged", third: 3, self: "[Circular]" });
    expect(JSON.parse(textOf(inner))).toEqual({ outer: [1, 2, 3, 4, "[+3][too many values]"] });
  });

  it("does not give the outer entry more time", () => {
    let nowMs = 0;
    const encoder = new ValueEncoder({ ...defaultEncodingLimits, encodeMsMax: 50 }, () => nowMs);
    const logging = {
      get logs() {
        nowMs += 1;
        encoder.encode(new ByteBuffer(), { nothing: 1 }, Number.POSITIVE_INFINITY);
        return 1;
      },
    };
    const into = new ByteBuffer();
    encoder.encode(
      into,
      Array.from({ length: 500 }, () => logging),
      Number.POSITIVE_INFINITY,
    );
    expect(textOf(into)).toContain("[took too long]");
  });
});
