import { describe, expect, it } from "vitest";
import { bytesThatFit } from "./rotation.ts";

describe("bytesThatFit", () => {
  it.each([
    ["everything when it fits", "aaa\nbb\n", 0, 100, 7],
    ["everything when it fits exactly", "aaa\nbb\n", 3, 10, 7],
    ["whole lines up to the limit", "aaa\nbb\nc\n", 0, 8, 7],
    ["whole lines when a line ends on the limit", "aaa\nbb\n", 0, 4, 4],
    ["nothing when the first line does not fit", "aaa\nbb\n", 1, 4, 0],
    ["nothing when the segment is full", "a\n", 10, 10, 0],
    ["nothing when the segment is over its limit", "a\n", 12, 10, 0],
    ["one line that is longer than a segment, alone in it", "aaaaaaaaaa\nb\n", 0, 4, 11],
    ["nothing of such a line into a segment that is begun", "aaaaaaaaaa\nb\n", 1, 4, 0],
  ])("takes %s", (_what, text, segmentBytes, segmentBytesMax, fits) => {
    const bytes = Buffer.from(`zz\n${text}zz\n`);
    expect(bytesThatFit(bytes, 3, 3 + text.length, segmentBytes, segmentBytesMax)).toBe(fits);
  });
});
