import type { Level } from "@waybill/protocols";

/** Entries by level. */
export type LevelCounts = Readonly<Record<Level, number>>;

/** None of any level. */
export const noCounts: LevelCounts = { TRACE: 0, DEBUG: 0, INFO: 0, WARNING: 0, ERROR: 0, CRITICAL: 0 };

/** The sums, level by level. */
export function addCounts(a: LevelCounts, b: LevelCounts): LevelCounts {
  return {
    TRACE: a.TRACE + b.TRACE,
    DEBUG: a.DEBUG + b.DEBUG,
    INFO: a.INFO + b.INFO,
    WARNING: a.WARNING + b.WARNING,
    ERROR: a.ERROR + b.ERROR,
    CRITICAL: a.CRITICAL + b.CRITICAL,
  };
}
