import { describe, expect, it } from "vitest";
import { entryTimesOf } from "./entry-times.ts";

const startMs = Date.parse("2026-01-15T10:00:00.000Z");
const unknown = { firstMs: undefined, lastMs: undefined };

function lineAt(timestampMs: number): string {
  const timestamp = new Date(timestampMs).toISOString();
  const header = { container_id: "c", component_name: "a", event_scope: "internal_bus", seq: 1 };
  return `${JSON.stringify({ timestamp, level: "INFO", message: "entry", ...header })}\n`;
}

const timesOf = (head: string, tail = head) => entryTimesOf(Buffer.from(head), Buffer.from(tail));

describe("entryTimesOf", () => {
  it("tells the times of the first entry of the beginning and of the last one of the end", () => {
    const text = lineAt(startMs) + lineAt(startMs + 5) + lineAt(startMs + 9);
    expect(timesOf(text)).toEqual({ firstMs: startMs, lastMs: startMs + 9 });
    expect(timesOf(lineAt(startMs), lineAt(startMs + 7))).toEqual({ firstMs: startMs, lastMs: startMs + 7 });
  });

  it("puts the times in order when the clock went back", () => {
    const text = lineAt(startMs) + lineAt(startMs - 60_000);
    expect(timesOf(text)).toEqual({ firstMs: startMs - 60_000, lastMs: startMs });
  });

  it("passes over what is no entry, halves of lines at the cuts, and a torn end", () => {
    const line = lineAt(startMs);
    const head = `no entry\n\n${line}${line.slice(0, 30)}`;
    expect(timesOf(head, `${line.slice(30)}${lineAt(startMs + 1)}\n{}\n{"timest`)).toEqual({
      firstMs: startMs,
      lastMs: startMs + 1,
    });
    expect(timesOf(line, line + lineAt(startMs + 2).trimEnd())).toEqual({
      firstMs: startMs,
      lastMs: startMs,
    });
  });

  it("knows neither where one is missing: a segment must not seem older than it is", () => {
    expect(timesOf(lineAt(startMs), "x".repeat(100))).toEqual(unknown);
    expect(timesOf("x".repeat(100), lineAt(startMs))).toEqual(unknown);
  });

  it.each(["", "\n", "x", "a\nb\n"])("knows no time of %j", (text) => {
    expect(timesOf(text)).toEqual(unknown);
  });
});
