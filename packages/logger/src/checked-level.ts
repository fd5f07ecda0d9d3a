import { isLevel, type Level, levels, parseLevel } from "@waybill/protocols";

/** The level that a word names, whatever was passed in its place. */
export function levelOf(level: unknown): Level | undefined {
  // Asked first, because parseLevel makes a string of its own and a guarded call should cost nothing.
  if (isLevel(level)) return level;
  return typeof level === "string" ? parseLevel(level) : undefined;
}

/** @throws {RangeError} when it names no level. */
export function checkedLevel(level: Level): Level {
  const known = levelOf(level);
  if (known === undefined)
    throw new RangeError(`${String(level)} is none of the levels ${levels.join(", ")}`);
  return known;
}
