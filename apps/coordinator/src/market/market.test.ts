import { describe, expect, it } from "vitest";
import { compactDate, parseDay } from "./bar.ts";
import { gapBefore } from "./bar-gap.ts";
import { barsBetween, loadBars } from "./load-bars.ts";
import { parseBars } from "./parse-bars.ts";

const header = "date,open,high,low,close,adjclose,volume";
const row = "2000-01-03,1469.25,1478,1438.36,1455.22,1455.22,931800000";

describe("parseBars", () => {
  it("reads a row", () => {
    expect(parseBars(`${header}\n${row}\n`)).toEqual([
      {
        date: "2000-01-03",
        dayNumber: 10_959,
        open: 1469.25,
        high: 1478,
        low: 1438.36,
        close: 1455.22,
        volume: 931_800_000,
      },
    ]);
  });

  it.each([
    ["a wrong header", `day,open\n${row}`, "line 1: the header is"],
    ["no rows", header, "line 2: the table has no rows"],
    ["a missing column", `${header}\n2000-01-03,1,2`, "line 2: 3 columns, expected 7"],
    [
      "a day that does not exist",
      `${header}\n${row.replace("2000-01-03", "2000-02-30")}`,
      'line 2: date is "2000-02-30"',
    ],
    ["a price that is no number", `${header}\n${row.replace("1478", "high")}`, 'line 2: high is "high"'],
    ["an empty cell", `${header}\n${row.replace("1469.25", "")}`, 'line 2: open is ""'],
    ["a negative volume", `${header}\n${row.replace("931800000", "-1")}`, 'line 2: volume is "-1"'],
    [
      "prices outside of high and low",
      `${header}\n${row.replace("1478", "1400")}`,
      "line 2: low 1438.36 and high 1400",
    ],
    ["a day twice", `${header}\n${row}\n${row}`, "line 3: 2000-01-03 does not come after 2000-01-03"],
  ])("refuses %s and names the line", (_, text, message) => {
    expect(() => parseBars(text)).toThrow(message);
  });
});

describe("the S&P 500 of vega-datasets", () => {
  it("has 5,105 bars from 2000-01-03 to 2020-04-17", async () => {
    const bars = await loadBars();
    expect([bars.length, bars[0]?.date, bars.at(-1)?.date]).toEqual([5105, "2000-01-03", "2020-04-17"]);
  });

  it("has three closures of the exchange", async () => {
    const bars = await loadBars();
    const stale = bars.filter((bar, index) => gapBefore(bar, bars[index - 1])?.kind === "stale");
    expect(stale.map(({ date }) => date)).toEqual(["2001-09-17", "2007-01-03", "2012-10-31"]);
  });

  it("is cut by days, both included", async () => {
    const bars = barsBetween(await loadBars(), parseDay("2001-09-10") ?? 0, parseDay("2001-09-18") ?? 0);
    expect(bars.map(({ date }) => date)).toEqual(["2001-09-10", "2001-09-17", "2001-09-18"]);
  });
});

describe("loadBars", () => {
  it("fails with exit code 3 and the fix when there is no file", async () => {
    await expect(loadBars("/nowhere/bars.csv")).rejects.toMatchObject({
      exitCode: 3,
      message: "cannot read market data /nowhere/bars.csv: it does not exist",
    });
  });

  it("fails with exit code 2 and the line when the file is no table of bars", async () => {
    await expect(loadBars(import.meta.filename)).rejects.toMatchObject({
      exitCode: 2,
      message: /line 1: the header/,
    });
  });
});

describe("days", () => {
  it("are parsed only when they exist", () => {
    expect(
      ["2000-02-29", "2001-02-29", "2001-1-1", "", "tomorrow"].map((text) => parseDay(text) !== undefined),
    ).toEqual([true, false, false, false, false]);
  });

  it("are written without separators in ids", () => {
    expect(compactDate("2001-09-17")).toBe("20010917");
  });
});

describe("gapBefore", () => {
  const at = (dayNumber: number) => ({ date: "", dayNumber, open: 1, high: 1, low: 1, close: 1, volume: 0 });

  it.each([
    [1, "regular"],
    [3, "regular"],
    [4, "long"],
    [5, "stale"],
    [7, "stale"],
  ])("calls %i days %s", (days, kind) => {
    expect(gapBefore(at(100 + days), at(100))).toEqual({ days, kind });
  });

  it("knows no gap before the first bar", () => {
    expect(gapBefore(at(100), undefined)).toBeUndefined();
  });
});
