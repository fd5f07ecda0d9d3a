import { forEachLine, levelOfLine, seqOfLine } from "@waybill/log-tree";
import { gapLevel, type Level, levels } from "@waybill/protocols";

/** In place of a level: gap records are never dropped, for they are the account of what was. */
const gapKind = levels.length;

/**
 * The whole lines of a queue, in a few bytes each: one of the size that may be chosen has millions, and a worker has a
 * small heap.
 */
export interface QueuedLines {
  readonly count: number;
  /** Where each line begins, and behind them where the last ends: each ends, with its `\n`, where the next begins. */
  readonly starts: Uint32Array;
  /** Of each the place of its level in `levels`, or behind them all of a gap record. */
  readonly kinds: Uint8Array;
}

/** What to drop so that a queue fits again. */
export interface OverflowPlan {
  /** 1 for each line that goes. */
  readonly goes: Uint8Array;
  /** How many go. */
  readonly dropped: number;
  readonly byLevel: Readonly<Partial<Record<Level, number>>>;
}

/**
 * The whole lines of a queue.
 *
 * @param from - where the first whole line begins.
 * @param countMax - lines at most.
 * @param isGap - whether the line of this number is a gap record. Its text cannot tell: a caller may log the same.
 */
export function queuedLines(
  bytes: Buffer,
  from: number,
  to: number,
  countMax: number,
  isGap: (seq: number) => boolean,
): QueuedLines {
  const starts = new Uint32Array(countMax + 1);
  const kinds = new Uint8Array(countMax);
  let count = 0;
  starts[0] = from;
  forEachLine(bytes, from, to, (start, end) => {
    const level = levelOfLine(bytes, start);
    const isGapRecord = level === gapLevel && isGap(seqOfLine(bytes, start, end));
    kinds[count] = isGapRecord ? gapKind : levels.indexOf(level);
    starts[++count] = end;
  });
  return { count, starts, kinds };
}

/** What goes first from a full queue. Within a level it is the oldest. */
export type DropOrder = "least_severe" | "oldest";

/** Whether a line is a gap record. */
export function isGapLine({ kinds }: QueuedLines, index: number): boolean {
  return kinds[index] === gapKind;
}

/** Decides what to drop until at most `keepBytes` stay. */
export function planOverflow(
  { count, starts, kinds }: QueuedLines,
  keepBytes: number,
  order: DropOrder = "least_severe",
): OverflowPlan {
  const goes = new Uint8Array(count);
  const counts = new Array<number>(levels.length).fill(0);
  let excess = (starts[count] as number) - (starts[0] as number) - keepBytes;
  const dropKinds = (least: number, most: number): void => {
    for (let index = 0; index < count && excess > 0; index++) {
      const kind = kinds[index] as number;
      if (kind < least || kind > most) continue;
      goes[index] = 1;
      counts[kind] = (counts[kind] as number) + 1;
      excess -= (starts[index + 1] as number) - (starts[index] as number);
    }
  };
  if (order === "oldest") dropKinds(0, gapKind - 1);
  else for (let kind = 0; kind < gapKind; kind++) dropKinds(kind, kind);
  const byLevel: Partial<Record<Level, number>> = {};
  for (const [kind, level] of levels.entries()) {
    const dropped = counts[kind] as number;
    if (dropped > 0) byLevel[level] = dropped;
  }
  return { goes, dropped: counts.reduce((sum, dropped) => sum + dropped, 0), byLevel };
}
