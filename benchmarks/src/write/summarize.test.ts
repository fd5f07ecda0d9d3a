import { describe, expect, it } from "vitest";
import type { Measured } from "./measure.ts";
import { costRatio, summarize } from "./summarize.ts";

function costing(nsPerEntry: number): Measured {
  return {
    openUsPerFile: 40,
    nsPerEntry,
    callP50: 500,
    callP99: 2000,
    callP999: 9000,
    loopDelayP99: 2,
    peakRssMb: 64,
  };
}

describe("costRatio", () => {
  it("compares within each round, so that a slow round does not count twice", () => {
    const ours = [costing(100), costing(1000), costing(100)];
    const theirs = [costing(300), costing(3000), costing(500)];
    expect(costRatio(theirs, ours)).toBe(3);
  });

  it("leaves out rounds in which one of the two failed", () => {
    expect(costRatio([undefined, costing(400)], [costing(100), costing(200)])).toBe(2);
  });
});

describe("summarize", () => {
  it("has ours first, and marks who loses lines or fails", () => {
    const table = summarize([
      { title: "ours", rounds: [costing(1000)], lostShare: 0, broken: 0 },
      { title: "peer", rounds: [costing(12_000), undefined], lostShare: 0.125, broken: 2 },
    ]).split("\n");
    expect(table[2]).toBe("| ours | 1,000 | 1.00 | 0.5 | 2.0 | 9.0 | 2.0 | 64.0 | 40.0 |");
    expect(table[3]).toContain(
      "peer (1 of 2 runs failed) (**lost 12.50 %**) (**2 broken lines**) | 12,000 | 12.00",
    );
  });
});
