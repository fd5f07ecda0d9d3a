import type { Gap } from "@waybill/protocols";
import { describe, expect, it } from "vitest";
import { mergeGaps, shiftGap } from "./gaps.ts";

const gap: Gap = { dropped: 2, byLevel: { INFO: 2 }, fromSeq: 3, toSeq: 9, reason: "ENOSPC" };

describe("gap records", () => {
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
