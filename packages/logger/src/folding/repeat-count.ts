import type { EntryInput } from "@waybill/protocols";
import { markContext } from "../mark-context.ts";
import { timeText } from "../time-text.ts";

/** How many entries one entry stands for. */
export interface RepeatCount {
  count: number;
  /** Time of the first and of the last of them. */
  readonly fromMs: number;
  toMs: number;
}

/** One more of the same. */
export function countRepeat(repeats: RepeatCount | undefined, timestampMs: number): RepeatCount {
  if (repeats === undefined) return { count: 1, fromMs: timestampMs, toMs: timestampMs };
  repeats.count++;
  repeats.toMs = timestampMs;
  return repeats;
}

/** Known by identity, as what a recorder releases: a mark in a context may be the caller's own. */
const countOf = new WeakMap<EntryInput, number>();

/** The entry that stands for all that were counted: the given one at the time of the last of them. */
export function repeatedEntry(entry: EntryInput, { count, fromMs, toMs }: RepeatCount): EntryInput {
  const repeated = { count, from_time: timeText(fromMs), to_time: timeText(toMs) };
  const context = markContext(entry.context ?? {}, "repeated", repeated);
  const standing = { ...entry, timestampMs: toMs, context };
  countOf.set(standing, count);
  return standing;
}

/** How many entries are lost with this one: those that it stands for, or itself. */
export function entriesOf(entry: EntryInput): number {
  return countOf.get(entry) ?? 1;
}

/**
 * @returns the window in microseconds.
 * @throws {RangeError} when it is no number from 1 to 3,600,000.
 */
export function windowUsOf(windowMs: number): number {
  if (!(windowMs >= 1 && windowMs <= 3_600_000)) {
    throw new RangeError(`windowMs is ${windowMs}, not from 1 to 3600000`);
  }
  return windowMs * 1000;
}
