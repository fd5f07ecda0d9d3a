import { ByteBuffer, forEachLine, renumberLines, seqOfLine } from "@waybill/log-tree";
import type { Gap } from "@waybill/protocols";
import { mergeGaps, shiftGap } from "./gaps.ts";
import { isGapLine, type OverflowPlan, type QueuedLines } from "./overflow.ts";

/** Bytes of a line before its timestamp, `{"timestamp":"`, and of the timestamp. */
const timestampAt = 14;
const timestampBytes = 24;

/** A queue that is too full, and what shall become of it. */
export interface QueueToRebuild {
  readonly bytes: Buffer;
  /** The whole lines. What stands before them, the rest of a half-written one, stays. */
  readonly lines: QueuedLines;
  readonly plan: OverflowPlan;
  /** The gaps of the gap records in the queue, by their numbers. */
  readonly gaps: ReadonlyMap<number, Gap>;
  readonly reason: string;
}

/** The queue as planned. */
export interface RebuiltQueue {
  readonly lines: ByteBuffer;
  /** Those of the whole lines. */
  readonly gaps: Map<number, Gap>;
}

/** Writes the line of a gap record. */
type GapEncoder = (into: ByteBuffer, gap: Gap, seq: number) => void;

/**
 * Carries a plan out: copies what stays, puts one gap record in the place of what goes, and makes one of gap records
 * with nothing left between them. A gap record takes the number of the first entry that it stands for.
 */
export function rebuildQueue(queue: QueueToRebuild, encodeGap: GapEncoder): RebuiltQueue {
  const { bytes, lines, plan, gaps } = queue;
  const { count, starts } = lines;
  const rebuilt: RebuiltQueue = { lines: new ByteBuffer(bytes.length), gaps: new Map() };
  rebuilt.lines.append(bytes.subarray(0, starts[0]));
  let told: { readonly seq: number; readonly gap: Gap } | undefined;
  const collect = (seq: number, gap: Gap): void => {
    told = told === undefined ? { seq, gap } : { seq: told.seq, gap: mergeGaps(told.gap, gap) };
  };
  const tell = (): void => {
    if (told === undefined) return;
    rebuilt.gaps.set(told.seq, told.gap);
    encodeGap(rebuilt.lines, told.gap, told.seq);
    told = undefined;
  };
  const stays = (index: number): boolean => plan.goes[index] === 0 && !isGapLine(lines, index);
  const first = plan.goes.indexOf(1);
  let index = 0;
  while (index < count) {
    const begin = index;
    while (index < count && stays(index)) index++;
    if (index > begin) {
      tell();
      rebuilt.lines.append(bytes.subarray(starts[begin], starts[index]));
      continue;
    }
    if (index === first) {
      const gap = gapOf(queue);
      collect(gap.fromSeq, gap);
    }
    if (isGapLine(lines, index)) {
      const seq = seqOfLine(bytes, starts[index] as number, starts[index + 1] as number);
      const gap = gaps.get(seq);
      if (gap !== undefined) collect(seq, gap);
    }
    index++;
  }
  tell();
  return rebuilt;
}

/** The gap that a plan makes which drops anything. */
function gapOf({ bytes, lines: { starts }, plan, reason }: QueueToRebuild): Gap {
  const first = plan.goes.indexOf(1);
  const last = plan.goes.lastIndexOf(1);
  const seqOf = (index: number): number =>
    seqOfLine(bytes, starts[index] as number, starts[index + 1] as number);
  const timeOf = (index: number): string => {
    const at = (starts[index] as number) + timestampAt;
    return bytes.toString("latin1", at, at + timestampBytes);
  };
  return {
    dropped: plan.dropped,
    byLevel: plan.byLevel,
    fromSeq: seqOf(first),
    toSeq: seqOf(last),
    reason,
    fromTime: timeOf(first),
    toTime: timeOf(last),
  };
}

/** The same queue with `added` more on each number, those that gap records tell included. */
export function renumberQueue(
  { bytes, length }: ByteBuffer,
  gaps: ReadonlyMap<number, Gap>,
  added: number,
  encodeGap: GapEncoder,
): RebuiltQueue {
  const renumbered: RebuiltQueue = { lines: new ByteBuffer(length + 64), gaps: new Map() };
  forEachLine(bytes, 0, length, (start, end) => {
    const seq = seqOfLine(bytes, start, end);
    const gap = gaps.get(seq);
    if (gap === undefined) {
      const line = new ByteBuffer(end - start);
      line.append(bytes.subarray(start, end));
      renumbered.lines.append(renumberLines(line, added).view());
    } else {
      const shifted = shiftGap(gap, added);
      renumbered.gaps.set(seq + added, shifted);
      encodeGap(renumbered.lines, shifted, seq + added);
    }
  });
  return renumbered;
}
