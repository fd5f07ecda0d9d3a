/** A level as it stands on disk, least severe first. */
export type Level = "TRACE" | "DEBUG" | "INFO" | "WARNING" | "ERROR" | "CRITICAL";

/** The levels in order of severity, least severe first. */
export const levels: readonly Level[] = ["TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"];

/**
 * The OpenTelemetry severity number of each level: 1, 5, 9, 13, 17, 21.
 *
 * @see OpenTelemetry logs data model, "SeverityNumber"
 */
export const severityOf: Readonly<Record<Level, number>> = {
  TRACE: 1,
  DEBUG: 5,
  INFO: 9,
  WARNING: 13,
  ERROR: 17,
  CRITICAL: 21,
};

const spellings: ReadonlyMap<string, Level> = new Map<string, Level>([
  ["trace", "TRACE"],
  ["debug", "DEBUG"],
  ["info", "INFO"],
  ["warn", "WARNING"],
  ["warning", "WARNING"],
  ["error", "ERROR"],
  ["critical", "CRITICAL"],
  ["fatal", "CRITICAL"],
]);

/** Every spelling that {@link parseLevel} takes, lower case, for messages and completion. */
export const levelSpellings: readonly string[] = [...spellings.keys()];

/**
 * Reads a level in either vocabulary (`WARNING` or `warn`, `CRITICAL` or `fatal`) and any case.
 *
 * The same on every machine, whatever its language. A value that is no text, which JavaScript lets through, names no
 * level.
 *
 * @returns the level as it stands on disk, or undefined when the text names none.
 */
export function parseLevel(text: string): Level | undefined {
  return typeof text === "string" ? spellings.get(text.toLowerCase()) : undefined;
}

/** Whether a value is a level exactly as it stands on disk. */
export function isLevel(value: unknown): value is Level {
  return typeof value === "string" && Object.hasOwn(severityOf, value);
}
