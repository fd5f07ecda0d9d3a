import { createFakeClock } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { createCompressingSegments } from "./compressing-segments.ts";

describe("segments that a writer compresses", () => {
  it("are those it has sealed, until it tells of them", () => {
    const compressing = createCompressingSegments(createFakeClock());
    compressing.begin("a", 5000);
    expect([compressing.has("a"), compressing.has("b")]).toEqual([true, false]);
    compressing.end("a");
    expect(compressing.has("a")).toBe(false);
  });

  it("are none where the writer does not compress", () => {
    const compressing = createCompressingSegments(createFakeClock());
    compressing.begin("a", undefined);
    expect(compressing.has("a")).toBe(false);
  });

  it("are given up a minute after the compression was due, whatever the wall clock does", () => {
    const clock = createFakeClock();
    const compressing = createCompressingSegments(clock);
    compressing.begin("a", 5000);
    clock.setNow(0);
    clock.advance(64_999);
    expect(compressing.has("a")).toBe(true);
    clock.advance(1);
    expect(compressing.has("a")).toBe(false);
  });
});
