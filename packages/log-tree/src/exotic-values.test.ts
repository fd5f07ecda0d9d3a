import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { encodeValue, shownValue } from "../test/support/encoded-entry.ts";

function fail(): never {
  throw new Error("hostile");
}

function* counting(): Generator<number> {
  yield 1;
}

describe("errors", () => {
  it("show name, message, code, stack, cause and whatever else they carry", () => {
    const cause = Object.assign(new TypeError("inner"), { code: "EIO" });
    const error = Object.assign(new Error("outer", { cause }), { path: "/tmp" });
    expect(shownValue(error)).toEqual({
      name: "Error",
      message: "outer",
      stack: error.stack,
      cause: { name: "TypeError", message: "inner", code: "EIO", stack: cause.stack },
      path: "/tmp",
    });
  });

  it("show the errors of an AggregateError", () => {
    expect(shownValue(new AggregateError([new Error("one")], "all"))).toMatchObject({
      name: "AggregateError",
      errors: [{ message: "one" }],
    });
  });

  it("end when their causes go in a circle", () => {
    const error = new Error("outer");
    error.cause = new Error("inner", { cause: error });
    expect(shownValue(error)).toMatchObject({ cause: { message: "inner", cause: "[Circular]" } });
  });

  it("show the rest when one member throws", () => {
    const error = Object.defineProperty(Object.assign(new Error(), { code: "EIO" }), "message", {
      get: fail,
    });
    expect(shownValue(error)).toMatchObject({
      name: "Error",
      message: "[Throws: hostile]",
      code: "EIO",
    });
  });

  it("read no more members than are shown", () => {
    let reads = 0;
    const get = (): number => reads++;
    const error = new Error("e");
    for (let index = 0; index < 50; index++)
      Object.defineProperty(error, `k${index}`, { get, enumerable: true });
    expect(encodeValue(error, { membersMax: 10 })).toContain('"…":"[+43]"');
    expect(reads).toBe(10);
  });

  it("are recognised across realms and by prototype", () => {
    expect(shownValue(runInNewContext("new RangeError('far')"))).toMatchObject({
      name: "RangeError",
      message: "far",
    });
    expect(shownValue(Object.create(Error.prototype))).toMatchObject({ name: "Error", message: "" });
  });
});

describe("collections", () => {
  it("show a map with string keys as an object, another as pairs", () => {
    expect(encodeValue(new Map([["a", 1]]))).toBe('{"a":1}');
    expect(
      encodeValue(
        new Map<unknown, unknown>([
          ["a", 1],
          [{ k: 1 }, 2],
        ]),
      ),
    ).toBe('[["a",1],[{"k":1},2]]');
  });

  it("show a set as an array", () => {
    expect(encodeValue(new Set([1, "b"]))).toBe('[1,"b"]');
  });

  it("collect no more than is shown, and tell how many are left out", () => {
    const numbers = Array.from({ length: 5 }, (_, index) => index);
    expect(encodeValue(new Set(numbers), { membersMax: 2 })).toBe('[0,1,"[+3]"]');
    expect(encodeValue(new Map(numbers.map((n) => [`${n}`, n])), { membersMax: 2 })).toBe(
      '[["0",0],["1",1],"[+3]"]',
    );
  });

  it("may go in a circle", () => {
    const map = new Map<string, unknown>();
    map.set("self", new Set([map]));
    expect(encodeValue(map)).toBe('{"self":["[Circular]"]}');
  });

  it("may lie about how they are iterated", () => {
    class Liar extends Map<string, number> {
      override [Symbol.iterator](): never {
        return fail();
      }
    }
    expect(shownValue(new Liar())).toBe("[Throws: hostile]");
  });
});

describe("other exotic values", () => {
  it.each([
    ["a date", new Date(0), "1970-01-01T00:00:00.000Z"],
    ["an invalid date", new Date(Number.NaN), "Invalid Date"],
    [
      "a date that hides behind its own toJSON",
      Object.assign(new Date(0), { toJSON: fail }),
      "1970-01-01T00:00:00.000Z",
    ],
    ["a regular expression", /a"b/gu, '/a"b/gu'],
    ["a URL", new URL("https://example.org/a?b"), "https://example.org/a?b"],
    ["a boxed string", Object("text"), "text"],
    ["a boxed number", Object(Number.NaN), "NaN"],
    ["a boxed bigint", Object(7n), "7"],
    ["a boxed symbol", Object(Symbol("s")), "Symbol(s)"],
    ["a promise", Promise.resolve(1), "[Promise]"],
    ["a weak map", new WeakMap(), "[Weak collection]"],
    ["a generator", counting(), "[Generator]"],
    ["a buffer", Buffer.from("abc"), "[Buffer 3 bytes: 616263]"],
    ["a typed array", new Uint16Array([1, 2]), "[Uint16Array 4 bytes: 01000200]"],
    ["a data view", new DataView(new ArrayBuffer(2)), "[DataView 2 bytes: 0000]"],
    ["long binary data", new Uint8Array(33), `[Uint8Array 33 bytes: ${"00".repeat(32)}…]`],
    ["an array buffer", new ArrayBuffer(8), "[ArrayBuffer 8 bytes]"],
    [
      "an object of another realm",
      runInNewContext("({ a: [1, new Date(0)] })"),
      { a: [1, "1970-01-01T00:00:00.000Z"] },
    ],
    ["a map of another realm", runInNewContext("new Map([['a', 1]])"), { a: 1 }],
  ])("show %s", (_, value, shown) => {
    expect(shownValue(value)).toEqual(shown);
  });

  it("show the own public members of a class instance", () => {
    class Order {
      readonly id = "o1";
      readonly #secret = "hidden";
      get secret(): string {
        return this.#secret;
      }
    }
    expect(encodeValue(new Order())).toBe('{"id":"o1"}');
  });

  it("show a boxed value whose valueOf is itself by its members", () => {
    const boxed = Object.assign(Object(1), { a: 1, valueOf: () => boxed });
    expect(shownValue(boxed)).toMatchObject({ a: 1 });
  });

  it("do not fool anybody by Symbol.toStringTag", () => {
    expect(encodeValue({ [Symbol.toStringTag]: "Date", a: 1 })).toBe('{"a":1}');
  });
});
