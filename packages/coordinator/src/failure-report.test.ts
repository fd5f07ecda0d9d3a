import { createFakeClock } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { createFailureReport } from "./failure-report.ts";

const failure = { path: "/logs/x.log", code: "ENOSPC", message: "no space left", atMs: 0 };

describe("the report of failures", () => {
  it("prints one line a minute and counts the rest", () => {
    const clock = createFakeClock();
    const printed: string[] = [];
    const report = createFailureReport((line) => printed.push(line), clock);
    for (let second = 0; second <= 60; second++) {
      report.note(failure);
      clock.advance(1000);
    }
    expect(printed).toEqual([
      "waybill: cannot write /logs/x.log: no space left; entries wait in memory\n",
      "waybill: cannot write /logs/x.log: no space left; entries wait in memory (and 59 more failures since the last line)\n",
    ]);
  });

  it("neither floods nor falls silent when the system clock is set", () => {
    const clock = createFakeClock();
    const printed: string[] = [];
    const report = createFailureReport((line) => printed.push(line), clock);
    report.note(failure);
    clock.setNow(clock.now() + 86_400_000);
    report.note(failure);
    expect(printed).toHaveLength(1);
    clock.setNow(0);
    clock.advance(60_000);
    report.note(failure);
    expect(printed).toHaveLength(2);
  });

  it("survives a printer that throws", () => {
    const report = createFailureReport(() => {
      throw new Error("EPIPE");
    }, createFakeClock());
    expect(() => report.note(failure)).not.toThrow();
  });
});
