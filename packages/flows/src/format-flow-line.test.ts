import type { FlowRecord } from "@waybill/protocols";
import { describe, expect, it } from "vitest";
import { documentFlow, hopAt, recordAt } from "../test/support/records.ts";
import { assembleFlows } from "./assemble-flows.ts";
import { formatFlowLine } from "./format-flow-line.ts";

function lineOf(records: readonly FlowRecord[], ascii = false): string {
  return assembleFlows(records)
    .map((flow) => formatFlowLine(flow, { ascii }))
    .join("\n");
}

function failing(...eventIds: string[]): FlowRecord[] {
  return documentFlow().map((record) =>
    record.phase === "finish" && eventIds.includes(record.eventId) ? { ...record, status: "error" } : record,
  );
}

describe("formatFlowLine", () => {
  it("gives the line of the document", () => {
    expect(lineOf(documentFlow())).toBe(
      "trade_abc123  ok  data_container 2ms → strategy_015 5ms → risk_container 15ms → execution 45ms   total 67ms",
    );
  });

  it("marks the first failure and what follows from it", () => {
    expect(lineOf(failing("e1", "e3"))).toBe(
      "trade_abc123  failed  data_container 2ms → strategy_015 5ms ✗ → risk_container 15ms → execution 45ms ○   total 67ms",
    );
  });

  it("shows a lost event as a broken edge", () => {
    const records = documentFlow().filter((record) => record.eventId !== "e3");
    records.push(
      recordAt(22, {
        eventId: "e3",
        parentEventId: "e2",
        source: "risk_container",
        target: "execution_container",
        tier: "reliable",
      }),
    );
    expect(lineOf(records)).toBe(
      "trade_abc123  lost  data_container 2ms → strategy_015 5ms → risk_container 15ms ⇢ ✗ execution_container (lost, reliable)   total 22ms",
    );
  });

  it("names what went wrong beside the critical path, three at most", () => {
    const lost = [1, 2, 3, 4].map((n) =>
      recordAt(3, { eventId: `x${n}`, target: `strategy_${n}`, parentEventId: "e1" }),
    );
    expect(lineOf([...documentFlow(), ...lost])).toMatch(
      / {3}total 67ms {3}data_container ⇢ ✗ strategy_1 \(lost, fast\).*strategy_3 \(lost, fast\) {3}1 more$/,
    );
  });

  it("marks a hop under way", () => {
    const records = documentFlow().filter((record) => record.eventId !== "e3" || record.phase !== "finish");
    expect(lineOf(records)).toMatch(/^trade_abc123 {2}open .* → execution 3ms… {3}total 25ms$/);
  });

  it("leaves out the time of an origin that was not recorded", () => {
    expect(lineOf(hopAt([2, 3, 5], { target: "strategy_015" }))).toBe(
      "trade_abc123  ok  data_container → strategy_015 3ms   total 3ms",
    );
  });

  it("uses ASCII signs alone when asked to", () => {
    expect(lineOf(failing("e1", "e3"), true)).toBe(
      "trade_abc123  failed  data_container 2ms -> strategy_015 5ms X -> risk_container 15ms -> execution 45ms o   total 67ms",
    );
  });

  it("shows control characters and bidi marks instead of sending them", () => {
    const line = lineOf([recordAt(1, { correlationId: "a\n\u001b[31m\u202e", target: "t" })]);
    expect(line).toContain("a\\x0a\\x1b[31m\\u202e");
  });
});
