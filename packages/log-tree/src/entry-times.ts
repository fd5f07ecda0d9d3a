import { parseEntry } from "./entry-codec.ts";

/** So many bytes of the beginning and of the end of a segment are enough, but for very long lines. */
export const entryTimesBytes = 65_536;
const newline = 0x0a;

/** Times between which the entries of a segment lie, milliseconds since the epoch; undefined = not known. */
export interface EntryTimes {
  readonly firstMs: number | undefined;
  readonly lastMs: number | undefined;
}

/**
 * The times of the first and the last entry of a segment, in their order in time: the clock may have been set back.
 * Unknown unless both are found, for one alone would call the others older or younger than they are.
 *
 * @param head - its first bytes, {@link entryTimesBytes} or all. @param tail - its last bytes, likewise.
 */
export function entryTimesOf(head: Buffer, tail: Buffer): EntryTimes {
  const first = timeIn(linesOf(head));
  const last = timeIn(linesOf(tail).reverse());
  if (first === undefined || last === undefined) return { firstMs: undefined, lastMs: undefined };
  return { firstMs: Math.min(first, last), lastMs: Math.max(first, last) };
}

/** Those that are ended; the first of a tail may be the rest of one, which is no entry. */
function linesOf(bytes: Buffer): string[] {
  return bytes.toString("utf8", 0, bytes.lastIndexOf(newline) + 1).split("\n");
}

function timeIn(lines: readonly string[]): number | undefined {
  for (const line of lines) {
    const entry = line === "" ? undefined : parseEntry(line);
    if (entry !== undefined) return entry.timestampMs;
  }
  return undefined;
}
