import type { FoundEntries } from "./found-entries.ts";

const flaws = ({ duplicates, broken }: FoundEntries): string =>
  [duplicates > 0 ? `, ${duplicates} twice` : "", broken > 0 ? `, ${broken} broken` : ""].join("");

/** `1000` or `998 of 1000, 2 broken`. */
export function survivors(found: FoundEntries, expected: number): string {
  const kept = found.numbers.size;
  return (kept === expected ? `${kept}` : `${kept} of ${expected}`) + flaws(found);
}

/** What survived of a burst that rotates, and the largest file if it is above the limit by more than a tenth. */
export function rotated(found: FoundEntries, expected: number, rotateBytes: number): string {
  const times = found.largestFile / rotateBytes;
  return survivors(found, expected) + (times > 1.1 ? `, one file ${times.toFixed(1)} × the limit` : "");
}

/** How an application fared on a full device. @param after - entries logged after there was space again. */
export function afterFull(found: FoundEntries, ended: string, logged: number, after: number): string {
  if (ended === "hangs") return "hangs";
  if (ended !== "exit 0") return `crash, ${ended}`;
  const isLate = (number: number): boolean => number >= logged;
  const late = [...found.numbers].filter(isLate).length;
  return `lives, ${late} of ${after} after it, ${found.numbers.size - late} of ${logged} before${flaws(found)}`;
}
