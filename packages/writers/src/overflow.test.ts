import { ByteBuffer, createEntryEncoder } from "@waybill/log-tree";
import type { Level } from "@waybill/protocols";
import { describe, expect, it } from "vitest";
import { planOverflow, type QueuedLine, queuedLines } from "./overflow.ts";

/** Lines of 10 bytes. */
function linesOf(...levels: (Level | "gap")[]): QueuedLine[] {
  return levels.map((level, index) => ({
    start: index * 10,
    end: index * 10 + 10,
    level: level === "gap" ? "WARNING" : level,
    seq: index + 1,
    isGap: level === "gap",
  }));
}

const seqs = (lines: readonly QueuedLine[]): number[] => lines.map(({ seq }) => seq);

describe("planOverflow", () => {
  it("drops the least severe first, the oldest first within a level", () => {
    const plan = planOverflow(linesOf("ERROR", "INFO", "DEBUG", "INFO", "DEBUG", "CRITICAL"), 30);
    expect(seqs(plan.dropped)).toEqual([2, 3, 5]);
    expect(seqs(plan.kept)).toEqual([1, 4, 6]);
    expect(plan.byLevel).toEqual({ DEBUG: 2, INFO: 1 });
  });

  it("drops no more than it must", () => {
    expect(seqs(planOverflow(linesOf("INFO", "INFO", "INFO"), 20).dropped)).toEqual([1]);
    expect(seqs(planOverflow(linesOf("INFO", "INFO", "INFO"), 19).dropped)).toEqual([1, 2]);
    expect(planOverflow(linesOf("INFO", "INFO"), 20).dropped).toEqual([]);
  });

  it("never drops gap records", () => {
    expect(seqs(planOverflow(linesOf("gap", "CRITICAL", "gap"), 0).kept)).toEqual([1, 3]);
  });

  it("puts the gap where the first dropped line stood", () => {
    expect(planOverflow(linesOf("ERROR", "ERROR", "INFO", "ERROR"), 30).gapIndex).toBe(2);
    expect(planOverflow(linesOf("ERROR", "DEBUG"), 10).gapIndex).toBe(1);
    expect(planOverflow(linesOf("INFO"), 0).gapIndex).toBe(0);
  });
});

describe("queuedLines", () => {
  it("finds bounds, level and number of each line, and takes no line for a gap record by its text", () => {
    const buffer = new ByteBuffer();
    const encoder = createEntryEncoder();
    const entry = {
      timestampMs: 0,
      message: "entries lost",
      source: { containerId: "c", componentName: "a" },
      scope: "internal_bus",
      correlationId: undefined,
      eventId: undefined,
      traceId: undefined,
      spanId: undefined,
      context: { gap: {}, seq: 99 },
    } as const;
    encoder.encode(buffer, { ...entry, level: "ERROR" }, 7);
    const firstEnd = buffer.length;
    encoder.encode(buffer, { ...entry, level: "TRACE" }, 8);
    expect(queuedLines(buffer.bytes, 0, buffer.length, (seq) => seq === 8)).toEqual([
      { start: 0, end: firstEnd, level: "ERROR", seq: 7, isGap: false },
      { start: firstEnd, end: buffer.length, level: "TRACE", seq: 8, isGap: true },
    ]);
  });
});
