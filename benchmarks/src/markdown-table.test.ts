import { describe, expect, it } from "vitest";
import { formatNumber, markdownTable } from "./markdown-table.ts";

describe("markdownTable", () => {
  it("sets the first column left and the others right", () => {
    expect(markdownTable(["logger", "ns"], [["a", "1"]])).toBe("| logger | ns |\n|---|---:|\n| a | 1 |");
  });

  it("escapes the bar in a cell", () => {
    expect(markdownTable(["a"], [["x|y"]])).toContain("x\\|y");
  });
});

describe("formatNumber", () => {
  it("gives one digit below a hundred and none above", () => {
    expect(formatNumber(7.25)).toBe("7.3");
    expect(formatNumber(12_345.6)).toBe("12,346");
  });

  it("shows what is no number as a dash", () => {
    expect(formatNumber(Number.NaN)).toBe("–");
  });
});
