import { type Bar, parseDay } from "./bar.ts";

/** The text is no table of daily bars. The message is one sentence and names the line. */
export class MarketDataError extends Error {
  override readonly name = "MarketDataError";
}

const header = "date,open,high,low,close,adjclose,volume";
const columns = header.split(",");

function parseNumber(text: string, column: string, line: number): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(value) || value < 0) {
    throw new MarketDataError(`line ${line}: ${column} is "${text}", expected a number of at least 0`);
  }
  return value;
}

function parseRow(row: string, line: number): Bar {
  const cells = row.split(",");
  if (cells.length !== columns.length) {
    throw new MarketDataError(
      `line ${line}: ${cells.length} columns, expected ${columns.length} (${header})`,
    );
  }
  const [date = "", open = "", high = "", low = "", close = "", , volume = ""] = cells;
  const dayNumber = parseDay(date);
  if (dayNumber === undefined)
    throw new MarketDataError(`line ${line}: date is "${date}", expected YYYY-MM-DD`);
  const bar: Bar = {
    date,
    dayNumber,
    open: parseNumber(open, "open", line),
    high: parseNumber(high, "high", line),
    low: parseNumber(low, "low", line),
    close: parseNumber(close, "close", line),
    volume: parseNumber(volume, "volume", line),
  };
  if (bar.low > Math.min(bar.open, bar.close) || bar.high < Math.max(bar.open, bar.close)) {
    throw new MarketDataError(
      `line ${line}: low ${low} and high ${high} do not enclose open ${open} and close ${close}`,
    );
  }
  return bar;
}

/**
 * Reads daily bars from CSV text with the columns date, open, high, low, close, adjclose, volume; days rise.
 *
 * @throws {MarketDataError} naming the first line that is not as it should be.
 */
export function parseBars(text: string): Bar[] {
  const lines = text.split(/\r?\n/);
  if (lines[0]?.trim() !== header) {
    throw new MarketDataError(`line 1: the header is "${lines[0] ?? ""}", expected "${header}"`);
  }
  const bars: Bar[] = [];
  for (const [index, row] of lines.entries()) {
    if (index === 0 || row === "") continue;
    const bar = parseRow(row, index + 1);
    const previous = bars.at(-1);
    if (previous !== undefined && bar.dayNumber <= previous.dayNumber) {
      throw new MarketDataError(`line ${index + 1}: ${bar.date} does not come after ${previous.date}`);
    }
    bars.push(bar);
  }
  if (bars.length === 0) throw new MarketDataError("line 2: the table has no rows");
  return bars;
}
