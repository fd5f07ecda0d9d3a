import { countedBetween, type HistogramSnapshot } from "./latency-histogram.ts";

/** What a histogram counted in the last minute or so. */
export interface HistogramWindow {
  /** @param atMs - monotonic milliseconds. @returns what was counted since a window ago. */
  add(atMs: number, snapshot: HistogramSnapshot): HistogramSnapshot;
}

/** Snapshots kept per window, of 9 KB each; closer ones are merged. */
const snapshotsPerWindow = 12;

/** @param windowMs - milliseconds > 0. */
export function createHistogramWindow(windowMs: number): HistogramWindow {
  const spacingMs = windowMs / snapshotsPerWindow;
  const kept: { readonly atMs: number; readonly snapshot: HistogramSnapshot }[] = [];

  return {
    add(atMs, snapshot) {
      const before = kept.at(-2);
      if (before !== undefined && atMs - before.atMs < spacingMs) kept.pop();
      kept.push({ atMs, snapshot });
      while (kept[1] !== undefined && atMs - kept[1].atMs >= windowMs) kept.shift();
      const base = kept[0];
      // With one reading there is nothing to compare with: everything so far is the best answer.
      return base === undefined || kept.length === 1 ? snapshot : countedBetween(base.snapshot, snapshot);
    },
  };
}
