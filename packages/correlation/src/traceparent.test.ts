import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  deriveTraceParent,
  formatTraceparent,
  isSpanId,
  isTraceId,
  parseTraceparent,
} from "./traceparent.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const spanId = "00f067aa0ba902b7";

describe("parseTraceparent", () => {
  it("reads version 00", () => {
    expect(parseTraceparent(`00-${traceId}-${spanId}-01`)).toEqual({ traceId, spanId, traceFlags: 1 });
    expect(parseTraceparent(` 00-${traceId}-${spanId}-00\t`)).toEqual({ traceId, spanId, traceFlags: 0 });
  });

  it.each([
    `cc-${traceId}-${spanId}-01`,
    `cc-${traceId}-${spanId}-ff-what-comes-later`,
    `01-${traceId}-${spanId}-01-`,
  ])("reads of the future version %s only what it knows", (header) => {
    expect(parseTraceparent(header)).toEqual({ traceId, spanId, traceFlags: 1 });
  });

  it.each([
    ["version ff", `ff-${traceId}-${spanId}-01`],
    ["a zero trace id", `00-${"0".repeat(32)}-${spanId}-01`],
    ["a zero span id", `00-${traceId}-${"0".repeat(16)}-01`],
    ["upper-case digits", `00-${traceId.toUpperCase()}-${spanId}-01`],
    ["more in version 00", `00-${traceId}-${spanId}-01-x`],
    ["a long flag in a future version", `cc-${traceId}-${spanId}-01x`],
    ["too little", `00-${traceId}-${spanId}`],
    ["no hex version", `zz-${traceId}-${spanId}-01`],
    ["no hex flags", `00-${traceId}-${spanId}-0g`],
    ["two headers in one", `00-${traceId}-${spanId}-01, 00-${traceId}-${spanId}-01`],
    ["nothing", ""],
    ["a megabyte", "0".repeat(1_000_000)],
    ["a number", 0],
    ["undefined", undefined],
    ["an array", [`00-${traceId}-${spanId}-01`]],
  ])("refuses %s", (_, header) => {
    expect(parseTraceparent(header)).toBeUndefined();
  });
});

describe("formatTraceparent", () => {
  it("writes what parseTraceparent reads", () => {
    const header = `00-${traceId}-${spanId}-03`;
    expect(formatTraceparent({ traceId, spanId, traceFlags: 3 })).toBe(header);
    expect(parseTraceparent(header)).toEqual({ traceId, spanId, traceFlags: 3 });
  });

  it("sends flags without a meaning as zero", () => {
    expect(formatTraceparent({ traceId, spanId, traceFlags: 0xff })).toMatch(/-03$/);
  });

  it("refuses invalid ids", () => {
    expect(() => formatTraceparent({ traceId: "x", spanId, traceFlags: 0 })).toThrow(RangeError);
    expect(() => formatTraceparent({ traceId, spanId: "0".repeat(16), traceFlags: 0 })).toThrow(RangeError);
  });
});

describe("deriveTraceParent", () => {
  it("is the SHA-256 of the id, so that any language can repeat it", () => {
    const digest = createHash("sha256").update("trade_xyz_123").digest("hex");
    expect(deriveTraceParent("trade_xyz_123")).toEqual({
      traceId: digest.slice(0, 32),
      spanId: digest.slice(32, 48),
      traceFlags: 1,
    });
  });

  it("keeps an id that is a trace id", () => {
    expect(deriveTraceParent(traceId).traceId).toBe(traceId);
  });

  it("gives valid ids", () => {
    const { traceId: derived, spanId: span } = deriveTraceParent("Größe 😀");
    expect([isTraceId(derived), isSpanId(span)]).toEqual([true, true]);
  });
});
