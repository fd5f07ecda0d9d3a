import { describe, expect, it } from "vitest";
import type { FoundEntries } from "./found-entries.ts";
import { afterFull, rotated, survivors } from "./verdicts.ts";

function found(count: number, rest: Partial<FoundEntries> = {}): FoundEntries {
  const numbers = new Set(Array.from({ length: count }, (_, index) => index));
  return { numbers, duplicates: 0, broken: 0, largestFile: 0, files: 1, ...rest };
}

describe("survivors", () => {
  it("is the bare number when nothing is missing", () => {
    expect(survivors(found(1000), 1000)).toBe("1000");
  });

  it("tells what is missing, doubled and broken", () => {
    expect(survivors(found(990, { duplicates: 2, broken: 1 }), 1000)).toBe("990 of 1000, 2 twice, 1 broken");
  });
});

describe("rotated", () => {
  it("keeps quiet about a file that is over its limit by less than a tenth", () => {
    expect(rotated(found(8), 8, 1000)).toBe("8");
    expect(rotated(found(8, { largestFile: 1090 }), 8, 1000)).toBe("8");
  });

  it("tells how far a file is above its limit", () => {
    expect(rotated(found(8, { largestFile: 29_000 }), 8, 1000)).toBe("8, one file 29.0 × the limit");
  });
});

describe("afterFull", () => {
  it("counts what was logged before and after separately", () => {
    expect(afterFull(found(12), "exit 0", 10, 5)).toBe("lives, 2 of 5 after it, 10 of 10 before");
  });

  it("tells a crash and a hang", () => {
    expect(afterFull(found(12), "exit 1", 10, 5)).toBe("crash, exit 1");
    expect(afterFull(found(12), "hangs", 10, 5)).toBe("hangs");
  });
});
