/** The rate of a counter over the last minute or so. */
export interface RateWindow {
  /**
   * @param atMs - monotonic milliseconds, not before the last call.
   * @param total - the counter; one that is lower than before was started anew, from 0.
   */
  add(atMs: number, total: number): void;
  /**
   * What was counted in the window, per minute. Before a window has passed, what was counted so far: one error after
   * one second is one per minute, not sixty.
   */
  perMinute(): number;
}

interface Reading {
  readonly atMs: number;
  readonly sum: number;
}

const minuteMs = 60_000;
/** Readings kept per window; closer ones are merged, so that frequent readings cost no memory. */
const readingsPerWindow = 60;

/**
 * @param windowMs - milliseconds > 0.
 * @param startMs - monotonic milliseconds of the beginning.
 * @param startTotal - the counter at the beginning.
 */
export function createRateWindow(windowMs: number, startMs: number, startTotal: number): RateWindow {
  const spacingMs = windowMs / readingsPerWindow;
  const readings: Reading[] = [{ atMs: startMs, sum: 0 }];
  let lastTotal = startTotal;
  let sum = 0;
  let lastMs = startMs;

  return {
    add(atMs, total) {
      sum += total >= lastTotal ? total - lastTotal : total;
      lastTotal = total;
      lastMs = atMs;
      const before = readings.at(-2);
      if (before !== undefined && atMs - before.atMs < spacingMs) readings.pop();
      readings.push({ atMs, sum });
      // The base is the newest reading that is a whole window old, so the covered time is never less than the window.
      while (readings[1] !== undefined && atMs - readings[1].atMs >= windowMs) readings.shift();
    },
    perMinute() {
      const base = readings[0];
      if (base === undefined) return 0;
      return ((sum - base.sum) * minuteMs) / Math.max(lastMs - base.atMs, windowMs);
    },
  };
}
