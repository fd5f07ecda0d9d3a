import { type Level, levels } from "@waybill/protocols";

/** Entries by level, whole numbers since the counting began. */
export type LevelCounts = Readonly<Record<Level, number>>;

/** The place of each level in an array of counts, as in `levels`. */
export const levelIndex: Readonly<Record<Level, number>> = {
  TRACE: 0,
  DEBUG: 1,
  INFO: 2,
  WARNING: 3,
  ERROR: 4,
  CRITICAL: 5,
};

/** One count per level, in the order of {@link levelIndex}. */
export function createLevelArray(): Float64Array {
  return new Float64Array(levels.length);
}

/** The counts of an array made by {@link createLevelArray}, by name. */
export function levelCountsOf(counts: Float64Array): LevelCounts {
  return {
    TRACE: counts[0] ?? 0,
    DEBUG: counts[1] ?? 0,
    INFO: counts[2] ?? 0,
    WARNING: counts[3] ?? 0,
    ERROR: counts[4] ?? 0,
    CRITICAL: counts[5] ?? 0,
  };
}

/** Entries of level ERROR and above. */
export function errorsIn(counts: LevelCounts): number {
  return counts.ERROR + counts.CRITICAL;
}

/** Entries of all levels. */
export function entriesIn(counts: LevelCounts): number {
  return levels.reduce((sum, level) => sum + counts[level], 0);
}
