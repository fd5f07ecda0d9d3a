import { type Level, levels } from "@waybill/protocols";
import { describe, expect, it } from "vitest";
import { textOf } from "../test/support/encoded-entry.ts";
import { ByteBuffer } from "./byte-buffer.ts";
import { LineStart } from "./line-start.ts";

function startText(start: LineStart, level: Level, timestampMs: number): string {
  const into = new ByteBuffer();
  start.append(into, level, timestampMs);
  return textOf(into);
}

describe("line start", () => {
  it("has the time and the level of its own line, in whatever order times and levels come", () => {
    const start = new LineStart();
    const now = Date.UTC(2026, 11, 31, 23, 59, 59, 990);
    const steps = [0, 1, 9, 10, 11, 100, 999, 1000, 1009, 1010, 60_000, 5, -1, -990, -991, 2000, 0];
    const cases = steps.flatMap((step, index) =>
      [levels[index % 6] as Level, "INFO" as const].map((level) => ({ level, timestampMs: now + step })),
    );
    expect(cases.map(({ level, timestampMs }) => startText(start, level, timestampMs))).toEqual(
      cases.map(
        ({ level, timestampMs }) =>
          `{"timestamp":"${new Date(timestampMs).toISOString()}","level":"${level}","message":`,
      ),
    );
  });

  it("holds every millisecond of a second", () => {
    const start = new LineStart();
    const times = Array.from({ length: 1000 }, (_, milliseconds) => 1_767_225_600_000 + milliseconds);
    expect(times.map((timestampMs) => startText(start, "DEBUG", timestampMs).slice(14, 38))).toEqual(
      times.map((timestampMs) => new Date(timestampMs).toISOString()),
    );
  });

  it("works again after a level that is none", () => {
    const start = new LineStart();
    expect(() => startText(start, "NONE" as Level, 0)).toThrow(TypeError);
    expect(startText(start, "INFO", 0)).toContain("1970-01-01T00:00:00.000Z");
  });
});
