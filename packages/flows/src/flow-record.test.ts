import type { EntryInput, LogEntry } from "@waybill/protocols";
import { describe, expect, it } from "vitest";
import { documentFlow, recordAt } from "../test/support/records.ts";
import { formatFlowRecord, parseFlowRecord } from "./flow-record.ts";

function asRead(entry: EntryInput, context: Record<string, unknown> = {}): LogEntry {
  const { source, ...rest } = entry;
  return { ...rest, ...source, seq: 1, context: { ...entry.context, ...context } };
}

describe("flow record", () => {
  it("comes back from its entry as it was", () => {
    for (const record of documentFlow()) {
      expect(parseFlowRecord(asRead(formatFlowRecord(record)))).toEqual(record);
    }
  });

  it("is an entry of the acting container in the scope of its tier", () => {
    const entry = formatFlowRecord(recordAt(1, { phase: "receive", target: "risk", tier: "standard" }));
    expect(entry).toMatchObject({
      message: "event received",
      level: "INFO",
      source: { containerId: "risk", componentName: "event_flow" },
      scope: "external_standard_tier",
      eventId: "e1",
      correlationId: "trade_abc123",
    });
    expect(formatFlowRecord(recordAt(1, { tier: "internal" })).scope).toBe("internal_bus");
  });

  it.each([
    ["phase", { phase: "sent" }],
    ["phase of a prototype", { phase: "constructor" }],
    ["source", { source: 7 }],
    ["tier", { tier: "" }],
  ])("is not read from an entry without a valid %s", (_, context) => {
    expect(parseFlowRecord(asRead(formatFlowRecord(recordAt(1, {})), context))).toBeUndefined();
  });

  it("is not read from another component's entry that happens to look alike", () => {
    const entry = asRead(formatFlowRecord(recordAt(1, {})));
    expect(parseFlowRecord({ ...entry, componentName: "router" })).toBeUndefined();
  });

  it("is timed by the wall clock alone when the monotonic time is missing", () => {
    const record = parseFlowRecord(asRead(formatFlowRecord(recordAt(1, {})), { mono_us: "?" }));
    expect([record?.monoUs, record?.clockId]).toEqual([0, undefined]);
  });
});
