import { describe, expect, it } from "vitest";
import { checkStream, type FoundLine } from "./conservation.ts";

const entry = (seq: number, ordinal: number): FoundLine => ({ seq, ordinal, dropped: 0 });
const gap = (seq: number, dropped: number): FoundLine => ({ seq, ordinal: undefined, dropped });

describe("checkStream", () => {
  it("finds what is missing in the middle and at the end of a whole stream", () => {
    expect(checkStream([entry(1, 0), entry(4, 3)], 6)).toMatchObject({ missing: 4, told: 0 });
    expect(checkStream([entry(1, 0), gap(2, 2), entry(4, 3), gap(5, 2)], 6)).toMatchObject({
      missing: 4,
      told: 4,
    });
  });

  it("counts a stream without its oldest segments from the first gap record that is left", () => {
    const left = [entry(10, 9), entry(13, 12), gap(14, 1), entry(16, 14), entry(18, 16)];
    expect(checkStream(left, 17)).toMatchObject({ missing: 2, told: 1 });
  });

  it("does not judge what it cannot know", () => {
    expect(checkStream([entry(10, 9), entry(13, 12)], 13)).toMatchObject({ missing: 0, told: 0 });
    expect(checkStream([], 13)).toMatchObject({ missing: 0, told: 0 });
  });
});
