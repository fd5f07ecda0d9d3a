import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { AppError, systemReason } from "../cli/app-error.ts";
import type { Bar } from "./bar.ts";
import { MarketDataError, parseBars } from "./parse-bars.ts";

/**
 * The S&P 500 from 2000-01-03 to 2020-04-17, as the npm package `vega-datasets` ships it.
 *
 * The package exports its JavaScript only; the data folder stands beside it.
 */
function sp500Path(): string {
  const entry = createRequire(import.meta.url).resolve("vega-datasets");
  return join(dirname(entry), "..", "data", "sp500-2000.csv");
}

/**
 * Loads all bars of a CSV file.
 *
 * @param path - default: {@link sp500Path}.
 * @throws {AppError} exit code 3 when the file cannot be read, 2 when a line is malformed.
 */
export async function loadBars(path?: string): Promise<Bar[]> {
  let file = path ?? "the npm package vega-datasets";
  let text: string;
  try {
    file = path ?? sp500Path();
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw new AppError(3, `cannot read market data ${file}: ${systemReason(cause)}`, {
      fix:
        path === undefined
          ? "run npm start again, it installs what is missing"
          : "check settings.path of the data container",
      cause,
    });
  }
  try {
    return parseBars(text);
  } catch (cause) {
    if (!(cause instanceof MarketDataError)) throw cause;
    throw new AppError(2, `market data ${file}, ${cause.message}`, { fix: "correct that line", cause });
  }
}

/** The bars from one day to another, both included. */
export function barsBetween(bars: readonly Bar[], fromDay: number, toDay: number): Bar[] {
  return bars.filter((bar) => bar.dayNumber >= fromDay && bar.dayNumber <= toDay);
}
