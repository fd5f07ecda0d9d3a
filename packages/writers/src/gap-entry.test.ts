import { describe, expect, it } from "vitest";
import { type Gap, gapEntry, mergeGaps, shiftGap } from "./gap-entry.ts";

const source = { containerId: "c", componentName: "a" };
const gap: Gap = { dropped: 2, byLevel: { INFO: 2 }, fromSeq: 3, toSeq: 9, reason: "ENOSPC" };

describe("gap records", () => {
  it("are entries that say how many, of which level, between which numbers and why", () => {
    expect(gapEntry(gap, source, 5)).toMatchObject({
      timestampMs: 5,
      level: "WARNING",
      message: "entries lost",
      source,
      context: { gap: { dropped: 2, by_level: { INFO: 2 }, from_seq: 3, to_seq: 9, reason: "ENOSPC" } },
    });
  });

  it("leave out what is not known", () => {
    expect(Object.keys((gapEntry(gap, source, 5).context as { gap: object }).gap)).toHaveLength(5);
    const torn = gapEntry({ ...gap, tornBytes: 7, fromTime: "a", toTime: "b" }, source, 5);
    expect(torn.context).toMatchObject({ gap: { torn_bytes: 7, from_time: "a", to_time: "b" } });
  });

  it("add up when nothing stands between them", () => {
    const later: Gap = {
      dropped: 5,
      byLevel: { INFO: 1, ERROR: 4 },
      fromSeq: 10,
      toSeq: 20,
      reason: "EIO",
      tornBytes: 3,
      fromTime: "t1",
      toTime: "t2",
    };
    expect(mergeGaps(gap, later)).toEqual({
      dropped: 7,
      byLevel: { INFO: 3, ERROR: 4 },
      fromSeq: 3,
      toSeq: 20,
      reason: "ENOSPC",
      tornBytes: 3,
      fromTime: "t1",
      toTime: "t2",
    });
  });

  it("move with the numbers of their stream, unknown ones excepted", () => {
    expect(shiftGap(gap, 100)).toMatchObject({ fromSeq: 103, toSeq: 109 });
    expect(shiftGap({ ...gap, fromSeq: 0, toSeq: 0 }, 100)).toMatchObject({ fromSeq: 0, toSeq: 0 });
  });
});
