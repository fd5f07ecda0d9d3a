import { ByteBuffer, createEntryEncoder } from "@waybill/log-tree";
import { type Level, levels } from "@waybill/protocols";
import { describe, expect, it } from "vitest";
import { isGapLine, planOverflow, type QueuedLines, queuedLines } from "./overflow.ts";

/** Lines of 10 bytes. */
function linesOf(...kinds: (Level | "gap")[]): QueuedLines {
  return {
    count: kinds.length,
    starts: Uint32Array.from({ length: kinds.length + 1 }, (_, index) => index * 10),
    kinds: Uint8Array.from(kinds, (kind) => (kind === "gap" ? levels.length : levels.indexOf(kind))),
  };
}

/** The places of the lines that go. */
const droppedOf = (lines: QueuedLines, keepBytes: number): number[] =>
  [...planOverflow(lines, keepBytes).goes].flatMap((goes, index) => (goes === 1 ? [index] : []));

describe("planOverflow", () => {
  it("drops the least severe first, the oldest first within a level", () => {
    const lines = linesOf("ERROR", "INFO", "DEBUG", "INFO", "DEBUG", "CRITICAL");
    expect(droppedOf(lines, 30)).toEqual([1, 2, 4]);
    expect(planOverflow(lines, 30)).toMatchObject({ dropped: 3, byLevel: { DEBUG: 2, INFO: 1 } });
  });

  it("drops the oldest first, whatever its level, when that is chosen", () => {
    const { goes, byLevel } = planOverflow(linesOf("gap", "ERROR", "DEBUG", "INFO", "INFO"), 30, "oldest");
    expect([...goes]).toEqual([0, 1, 1, 0, 0]);
    expect(byLevel).toEqual({ ERROR: 1, DEBUG: 1 });
  });

  it("drops no more than it must", () => {
    expect(droppedOf(linesOf("INFO", "INFO", "INFO"), 20)).toEqual([0]);
    expect(droppedOf(linesOf("INFO", "INFO", "INFO"), 19)).toEqual([0, 1]);
    expect(planOverflow(linesOf("INFO", "INFO"), 20)).toMatchObject({ dropped: 0, byLevel: {} });
  });

  it("never drops gap records", () => {
    expect(droppedOf(linesOf("gap", "CRITICAL", "gap"), 0)).toEqual([1]);
  });

  it("takes a few bytes for each line", () => {
    const { starts, kinds } = linesOf(...new Array<Level>(1000).fill("INFO"));
    const { goes } = planOverflow({ count: 1000, starts, kinds }, 5000);
    expect(starts.byteLength + kinds.byteLength + goes.byteLength).toBeLessThan(8 * 1000);
  });
});

describe("queuedLines", () => {
  it("finds bounds and level of each line, and takes no line for a gap record by its text", () => {
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
    const starts = [0];
    for (const [index, level] of (["ERROR", "WARNING", "WARNING", "TRACE"] as const).entries()) {
      encoder.encode(buffer, { ...entry, level }, 7 + index);
      starts.push(buffer.length);
    }
    const lines = queuedLines(buffer.bytes, 0, buffer.length, 4, (seq) => seq === 9);
    expect({ count: lines.count, starts: [...lines.starts] }).toEqual({ count: 4, starts });
    expect([0, 1, 2, 3].map((index) => isGapLine(lines, index))).toEqual([false, false, true, false]);
    expect([0, 1, 3].map((index) => levels[lines.kinds[index] as number])).toEqual([
      "ERROR",
      "WARNING",
      "TRACE",
    ]);
  });
});
