import { describe, expect, it } from "vitest";
import { snapshotContext } from "./context-snapshot.ts";
import { hostileValues } from "./hostile/hostile-values.ts";

describe("context snapshot", () => {
  it("copies deeply and keeps primitives, dates, maps and sets", () => {
    const original = {
      big: 1n,
      date: new Date(0),
      map: new Map([["a", [1]]]),
      set: new Set([1]),
      list: [{ a: 1 }],
    };
    const copy = snapshotContext(original);
    original.list[0] = { a: 2 };
    original.map.get("a")?.push(2);
    expect(copy).toEqual({
      big: 1n,
      date: new Date(0),
      map: new Map([["a", [1]]]),
      set: new Set([1]),
      list: [{ a: 1 }],
    });
  });

  it("shows errors with their causes", () => {
    const error = new Error("outer", { cause: Object.assign(new Error("inner"), { code: "EIO" }) });
    expect(snapshotContext({ error })).toMatchObject({
      error: { name: "Error", message: "outer", cause: { message: "inner", code: "EIO" } },
    });
  });

  it("marks circles, and not objects that merely occur twice", () => {
    const shared = { a: 1 };
    const node: Record<string, unknown> = { left: shared, right: shared };
    node["self"] = node;
    expect(snapshotContext(node)).toEqual({ left: { a: 1 }, right: { a: 1 }, self: "[circular]" });
  });

  it("marks what is cut", () => {
    const copy = snapshotContext({ list: Array.from({ length: 1002 }, () => 0) });
    expect((copy["list"] as unknown[]).at(-1)).toBe("[+2]");
  });

  it("keeps a member __proto__ as a member", () => {
    const copy = snapshotContext(JSON.parse('{"__proto__":{"polluted":true}}') as Record<string, unknown>);
    expect([Object.keys(copy), Reflect.get(copy, "polluted")]).toEqual([["__proto__"], undefined]);
  });

  it.each(hostileValues)("copies within bounds: $label", ({ create }) => {
    const copy = snapshotContext(create());
    expect(typeof copy).toBe("object");
  });
});
