import { describe, expect, it } from "vitest";
import { entryAt } from "./workload.ts";

const sample = Array.from({ length: 10_000 }, (_, index) => entryAt(index, 150));
const share = (isCounted: (entry: (typeof sample)[number]) => boolean): number =>
  sample.filter(isCounted).length / sample.length;

describe("entryAt", () => {
  it("gives the same entry for the same number", () => {
    expect(entryAt(4711, 150)).toEqual(entryAt(4711, 150));
  });

  it("goes over the streams in turn", () => {
    expect(sample.slice(148, 152).map((entry) => entry.stream)).toEqual([148, 149, 0, 1]);
  });

  it("puts a correlation id on three of ten", () => {
    expect(share((entry) => entry.correlationId !== undefined)).toBeCloseTo(0.3, 1);
  });

  it("traces one of ten", () => {
    expect(share((entry) => entry.isTraced)).toBeCloseTo(0.1, 1);
  });

  it("has one error in a hundred", () => {
    expect(share((entry) => entry.level === "error")).toBeCloseTo(0.01, 2);
  });

  it("always has a nested object", () => {
    expect(share((entry) => Object.values(entry.context).some((value) => typeof value === "object"))).toBe(1);
  });
});
