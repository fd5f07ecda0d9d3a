import { parseEntry } from "@waybill/log-tree";
import type { LogEntry } from "@waybill/protocols";
import { describe, expect, it } from "vitest";
import { resolveSelection } from "./selection.ts";

function entryAt(timestamp: string, correlationId = "trade_1"): LogEntry {
  const header = {
    level: "INFO",
    message: "m",
    container_id: "c",
    component_name: "a",
    event_scope: "internal_bus",
  };
  const entry = parseEntry(JSON.stringify({ timestamp, ...header, correlation_id: correlationId, seq: 1 }));
  if (entry === undefined) throw new Error("no entry");
  return entry;
}

const day = { fromMs: Date.parse("2026-01-15T00:00:00.000Z"), toMs: Date.parse("2026-01-16T00:00:00.000Z") };

describe("resolveSelection", () => {
  it("takes segments whole for a container alone", () => {
    expect(resolveSelection({ container: "c1" }).whole).toBe(true);
    expect(resolveSelection({ container: "c1", day: "2026-01-15" }).whole).toBe(false);
  });

  it("takes a day from its first to its last millisecond", () => {
    const { matches } = resolveSelection({ day: "2026-01-15" });
    const times = [
      "2026-01-14T23:59:59.999Z",
      "2026-01-15T00:00:00.000Z",
      "2026-01-15T23:59:59.999Z",
      "2026-01-16T00:00:00.000Z",
    ];
    expect(times.map((time) => matches(entryAt(time)))).toEqual([false, true, true, false]);
  });

  it("takes what meets all conditions", () => {
    const { matches } = resolveSelection({
      day: "2026-01-15",
      correlationId: "a",
      timeRange: { fromMs: 0, toMs: day.fromMs + 1 },
    });
    const time = "2026-01-15T00:00:00.000Z";
    expect([
      matches(entryAt(time, "a")),
      matches(entryAt(time, "b")),
      matches(entryAt("2026-01-15T00:00:00.001Z", "a")),
    ]).toEqual([true, false, false]);
  });

  it.each<readonly [string, Parameters<typeof resolveSelection>[0], string | undefined]>([
    ["a day", { day: "2026-01-15" }, '"2026-01-15T'],
    [
      "a range within an hour",
      { timeRange: { fromMs: day.fromMs, toMs: day.fromMs + 60_000 } },
      '"2026-01-15T00:00:',
    ],
    [
      "a single millisecond",
      { timeRange: { fromMs: day.fromMs, toMs: day.fromMs + 1 } },
      '"2026-01-15T00:00:00.000Z',
    ],
    ["a plain correlation id", { correlationId: "trade_1" }, "trade_1"],
    ["a correlation id that may be escaped", { correlationId: "a/b" }, undefined],
    ["one with a quote", { correlationId: '"' }, undefined],
    ["one that is not ASCII", { correlationId: "é" }, undefined],
    ["an empty one", { correlationId: "" }, undefined],
    ["a range over centuries", { timeRange: { fromMs: -62_000_000_000_000, toMs: day.fromMs } }, undefined],
  ])("looks for bytes that every line of %s has", (_, selection, expected) => {
    expect(resolveSelection(selection).contains).toBe(expected);
  });
});
