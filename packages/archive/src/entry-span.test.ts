import { describe, expect, it } from "vitest";
import { createEntrySpanReader } from "./entry-span.ts";

const startMs = Date.parse("2026-01-15T10:00:00.000Z");

function lineAt(timestampMs: number, padding = 0): string {
  const header = {
    level: "INFO",
    container_id: "c",
    component_name: "a",
    event_scope: "internal_bus",
    seq: 1,
  };
  return `${JSON.stringify({ timestamp: new Date(timestampMs).toISOString(), message: "m".repeat(padding), ...header })}\n`;
}

function spanOf(text: string, chunkBytes = 7): { firstMs: number | undefined; lastMs: number | undefined } {
  const reader = createEntrySpanReader();
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += chunkBytes) reader.update(bytes.subarray(at, at + chunkBytes));
  return reader.end();
}

describe("createEntrySpanReader", () => {
  it.each([1, 7, 100, 1_000_000])(
    "tells the times of the first and the last line, in chunks of %i bytes",
    (size) => {
      const text = lineAt(startMs) + lineAt(startMs + 5, 3000) + lineAt(startMs + 9);
      expect(spanOf(text, size)).toEqual({ firstMs: startMs, lastMs: startMs + 9 });
    },
  );

  it("finds the last line far behind the first 64 KiB", () => {
    const text = lineAt(startMs) + lineAt(startMs + 1, 60_000).repeat(10) + lineAt(startMs + 9);
    expect(spanOf(text, 50_000)).toEqual({ firstMs: startMs, lastMs: startMs + 9 });
  });

  it("keeps no more than 64 KiB of the end, in chunks of any size", () => {
    const text = lineAt(startMs) + lineAt(startMs + 9, 100_000);
    for (const size of [1000, 65_536, 262_144])
      expect(spanOf(text, size)).toEqual({ firstMs: undefined, lastMs: undefined });
  });

  it("knows no time of nothing", () => {
    expect(spanOf("")).toEqual({ firstMs: undefined, lastMs: undefined });
  });
});
