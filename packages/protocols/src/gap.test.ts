import { describe, expect, it } from "vitest";
import { type Gap, gapEntry } from "./gap.ts";

const source = { containerId: "c", componentName: "d" };
const gap: Gap = { dropped: 3, byLevel: { DEBUG: 2, INFO: 1 }, fromSeq: 4, toSeq: 9, reason: "quota" };

describe("a gap record", () => {
  it("is an entry of its stream that tells how many are missing, of which levels, and why", () => {
    expect(gapEntry(gap, source, 5)).toEqual({
      timestampMs: 5,
      level: "WARNING",
      message: "entries lost",
      source,
      scope: "lifecycle_management",
      correlationId: undefined,
      eventId: undefined,
      traceId: undefined,
      spanId: undefined,
      context: {
        gap: { dropped: 3, by_level: { DEBUG: 2, INFO: 1 }, from_seq: 4, to_seq: 9, reason: "quota" },
      },
    });
  });

  it("tells times and bytes where they are known", () => {
    const context = gapEntry({ ...gap, fromTime: "a", toTime: "b", tornBytes: 7 }, source, 5).context;
    expect(context?.["gap"]).toMatchObject({ from_time: "a", to_time: "b", torn_bytes: 7 });
  });
});
