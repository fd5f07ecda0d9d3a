/** One trading day of an index or stock. */
export interface Bar {
  /** Trading day, `YYYY-MM-DD`. */
  readonly date: string;
  /** Days since 1970-01-01, so that the distance of two bars is a subtraction. */
  readonly dayNumber: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Shares traded, ≥ 0. */
  readonly volume: number;
}

const millisecondsPerDay = 86_400_000;

/**
 * Reads a calendar day.
 *
 * @returns days since 1970-01-01, or undefined when the text is no existing day written as `YYYY-MM-DD`.
 */
export function parseDay(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const time = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(time) || !new Date(time).toISOString().startsWith(text)) return undefined;
  return time / millisecondsPerDay;
}

/** The day of a bar without separators (`20010917`), as it stands in correlation ids. */
export function compactDate(date: string): string {
  return date.replaceAll("-", "");
}
