import { forEachLine, levelOfLine, seqOfLine } from "@waybill/log-tree";
import { type Level, levels } from "@waybill/protocols";

/** A line of the queue by its bounds; `end` is behind its `\n`. */
export interface QueuedLine {
  readonly start: number;
  readonly end: number;
  readonly level: Level;
  readonly seq: number;
  /** Gap records are never dropped: they are the account of what was. */
  readonly isGap: boolean;
}

/** What to drop so that a queue fits again. */
export interface OverflowPlan {
  /** The lines that stay, in order. */
  readonly kept: readonly QueuedLine[];
  /** The lines that go, in order. */
  readonly dropped: readonly QueuedLine[];
  /** Index in `kept` before which the first dropped line stood: the place of the gap record. */
  readonly gapIndex: number;
  readonly byLevel: Readonly<Partial<Record<Level, number>>>;
}

/**
 * The whole lines of a queue.
 *
 * @param from - where the first whole line begins.
 * @param isGap - whether the line of this number is a gap record. Its text cannot tell: a caller may log the same.
 */
export function queuedLines(
  bytes: Buffer,
  from: number,
  to: number,
  isGap: (seq: number) => boolean,
): QueuedLine[] {
  const lines: QueuedLine[] = [];
  forEachLine(bytes, from, to, (start, end) => {
    const seq = seqOfLine(bytes, start, end);
    lines.push({ start, end, level: levelOfLine(bytes, start), seq, isGap: isGap(seq) });
  });
  return lines;
}

/** What goes first from a full queue. Within a level it is the oldest. */
export type DropOrder = "least_severe" | "oldest";

/** Decides what to drop until at most `keepBytes` stay. */
export function planOverflow(
  lines: readonly QueuedLine[],
  keepBytes: number,
  order: DropOrder = "least_severe",
): OverflowPlan {
  let excess = lines.reduce((sum, line) => sum + line.end - line.start, 0) - keepBytes;
  const goes = new Set<QueuedLine>();
  const groups: readonly (readonly Level[])[] =
    order === "oldest" ? [levels] : levels.map((level) => [level]);
  for (const group of groups) {
    for (const line of lines) {
      if (excess <= 0) break;
      if (!group.includes(line.level) || line.isGap) continue;
      goes.add(line);
      excess -= line.end - line.start;
    }
  }
  const byLevel: Partial<Record<Level, number>> = {};
  for (const { level } of goes) byLevel[level] = (byLevel[level] ?? 0) + 1;
  return {
    kept: lines.filter((line) => !goes.has(line)),
    dropped: lines.filter((line) => goes.has(line)),
    gapIndex: Math.max(
      0,
      lines.findIndex((line) => goes.has(line)),
    ),
    byLevel,
  };
}
