import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { contextOf, messageOf } from "./log-arguments.ts";

/** As third-party code does, which need not throw errors. */
function throwValue(value: unknown): never {
  throw value;
}

function fail(): never {
  throw new Error("hostile");
}

describe("context argument", () => {
  it("is the very object that was passed", () => {
    const context = { a: 1 };
    expect(contextOf(context)).toBe(context);
    expect(contextOf(() => context)).toBe(context);
  });

  it.each([undefined, null, () => undefined, () => null])("is none for %o", (argument) => {
    expect(contextOf(argument)).toBeUndefined();
  });

  it("stands under error when it is one, also one of another realm", () => {
    const error = new TypeError("e");
    const far: unknown = runInNewContext("new Error('far')");
    expect([contextOf(error), contextOf(() => error)]).toEqual([{ error }, { error }]);
    expect(contextOf(far)).toEqual({ error: far });
    expect(contextOf(Object.create(Error.prototype))).toHaveProperty("error");
  });

  it.each([[[1, 2]], ["text"], [0], [false], [1n]])(
    "stands under value when it has no fields: %o",
    (argument) => {
      expect([contextOf(argument), contextOf(() => argument)]).toEqual([
        { value: argument },
        { value: argument },
      ]);
    },
  );

  it("is made by one function only", () => {
    expect(contextOf(() => fail)).toEqual({ value: fail });
  });

  it("tells why it could not be made", () => {
    expect(contextOf(fail)).toEqual({ context_failed: "hostile" });
    expect(
      contextOf(() => {
        throw Object.create(null);
      }),
    ).toEqual({ context_failed: "unknown" });
  });

  it("is handed on when it throws as soon as it is asked what it is", () => {
    const proxy = new Proxy({}, { getPrototypeOf: fail });
    expect(contextOf(proxy)).toBe(proxy);
  });
});

describe("message argument", () => {
  it.each<[unknown, string]>([
    ["text", "text"],
    [() => "made", "made"],
    [() => 7, "7"],
    [undefined, "undefined"],
    [fail, "[message could not be made: hostile]"],
    [() => throwValue("text"), "[message could not be made: text]"],
    [
      () => {
        throw Object.create(null);
      },
      "[message could not be made: unknown]",
    ],
    [{ toString: fail }, "[message could not be made: hostile]"],
  ])("%o becomes %s", (message, text) => {
    expect(messageOf(message)).toBe(text);
  });
});
