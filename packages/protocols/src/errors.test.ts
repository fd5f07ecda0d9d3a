import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { errorCodes, isWaybillError, WaybillError } from "./errors.ts";

describe("errorCodes", () => {
  it("are unique", () => {
    expect(new Set(errorCodes).size).toBe(errorCodes.length);
  });

  it.each(errorCodes)("%s is WAYBILL_<NOUN>_<CONDITION>", (code) => {
    expect(code).toMatch(/^WAYBILL(_[A-Z]+){2,}$/);
  });

  it("are listed in the README, all and in this order", () => {
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const listed = [...readme.matchAll(/^\| `(WAYBILL_\w+)` \| \S/gm)].map((match) => match[1]);
    expect(listed).toEqual(errorCodes);
  });
});

describe("WaybillError", () => {
  it("carries code, message, cause and details", () => {
    const cause = new Error("EIO");
    const error = new WaybillError("WAYBILL_FLUSH_FAILED", "3 entries", { cause, details: { entries: 3 } });
    expect(error).toBeInstanceOf(Error);
    expect({ ...error, message: error.message, cause: error.cause }).toEqual({
      name: "WaybillError",
      code: "WAYBILL_FLUSH_FAILED",
      message: "3 entries",
      cause,
      details: { entries: 3 },
    });
  });

  it("has empty details and no member `cause` unless they are given", () => {
    const error = new WaybillError("WAYBILL_WRITER_CLOSED", "closed");
    expect(error.details).toEqual({});
    expect("cause" in error).toBe(false);
  });

  it("keeps a cause that is undefined, as Error does", () => {
    expect("cause" in new WaybillError("WAYBILL_SYNC_FAILED", "sync", { cause: undefined })).toBe(true);
  });

  it("prints its name, message and code", () => {
    const error = new WaybillError("WAYBILL_WRITER_CLOSED", "closed");
    expect(String(error)).toBe("WaybillError: closed");
    expect(inspect(error)).toMatch(/^WaybillError: closed\n[\s\S]*code: 'WAYBILL_WRITER_CLOSED'/);
  });
});

describe("isWaybillError", () => {
  const error = new WaybillError("WAYBILL_WRITER_CLOSED", "closed");

  it("accepts an error of any code, or of the one that is asked for", () => {
    expect(isWaybillError(error)).toBe(true);
    expect(isWaybillError(error, "WAYBILL_WRITER_CLOSED")).toBe(true);
    expect(isWaybillError(error, "WAYBILL_FLUSH_FAILED")).toBe(false);
  });

  it("recognises errors of another copy of the package, both ways", async () => {
    vi.resetModules();
    const copy = await import("./errors.ts");
    const foreign = new copy.WaybillError("WAYBILL_SYNC_FAILED", "sync");
    expect(foreign).not.toBeInstanceOf(WaybillError);
    expect(isWaybillError(foreign, "WAYBILL_SYNC_FAILED")).toBe(true);
    expect(copy.isWaybillError(error)).toBe(true);
  });

  it("refuses a code outside the list, even when it is asked for", () => {
    const system = Object.assign(new Error("no space"), { code: "ENOSPC", details: {} });
    expect(isWaybillError(system)).toBe(false);
    expect(Reflect.apply(isWaybillError, undefined, [system, "ENOSPC"])).toBe(false);
  });

  const { proxy, revoke } = Proxy.revocable(error, {});
  revoke();

  it.each<readonly [string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["the code itself", "WAYBILL_WRITER_CLOSED"],
    ["an error without code", new Error("WAYBILL_WRITER_CLOSED")],
    ["plain data with a code", { name: "WaybillError", code: "WAYBILL_WRITER_CLOSED", details: {} }],
    ["an error with a code but no details", Object.assign(new Error(), { code: "WAYBILL_WRITER_CLOSED" })],
    ["a revoked proxy of an error", proxy],
    [
      "an error whose code throws",
      Object.defineProperty(Object.assign(new Error(), { details: {} }), "code", {
        get() {
          throw new Error("hostile");
        },
      }),
    ],
  ])("refuses %s", (_, value) => {
    expect(isWaybillError(value)).toBe(false);
  });
});
