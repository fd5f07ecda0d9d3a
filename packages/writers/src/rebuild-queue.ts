import { ByteBuffer } from "@waybill/log-tree";
import { type Gap, mergeGaps } from "./gap-entry.ts";
import type { OverflowPlan } from "./overflow.ts";

/** Bytes of a line before its timestamp, `{"timestamp":"`, and of the timestamp. */
const timestampAt = 14;
const timestampBytes = 24;

/** A queue that is too full, and what shall become of it. */
export interface QueueToRebuild {
  readonly bytes: Buffer;
  /** Bytes in front that belong to a half-written line; they stay. */
  readonly wholeFrom: number;
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

/**
 * Carries a plan out: copies what stays, puts one gap record in the place of what goes, and makes one of gap records
 * with nothing left between them. A gap record takes the number of the first entry that it stands for.
 */
export function rebuildQueue(
  { bytes, wholeFrom, plan, gaps, reason }: QueueToRebuild,
  encodeGap: (into: ByteBuffer, gap: Gap, seq: number) => void,
): RebuiltQueue {
  const rebuilt: RebuiltQueue = { lines: new ByteBuffer(bytes.length), gaps: new Map() };
  rebuilt.lines.append(bytes.subarray(0, wholeFrom));
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
  const made = gapOf(plan, bytes, reason);
  plan.kept.forEach((line, index) => {
    if (index === plan.gapIndex && made !== undefined) collect(made.fromSeq, made);
    const earlier = gaps.get(line.seq);
    if (earlier !== undefined) {
      collect(line.seq, earlier);
      return;
    }
    tell();
    rebuilt.lines.append(bytes.subarray(line.start, line.end));
  });
  if (plan.gapIndex >= plan.kept.length && made !== undefined) collect(made.fromSeq, made);
  tell();
  return rebuilt;
}

/** The gap that a plan makes; undefined when it drops nothing. */
function gapOf(plan: OverflowPlan, bytes: Buffer, reason: string): Gap | undefined {
  const first = plan.dropped[0];
  const last = plan.dropped.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const timeOf = (start: number): string =>
    bytes.toString("latin1", start + timestampAt, start + timestampAt + timestampBytes);
  return {
    dropped: plan.dropped.length,
    byLevel: plan.byLevel,
    fromSeq: first.seq,
    toSeq: last.seq,
    reason,
    fromTime: timeOf(first.start),
    toTime: timeOf(last.start),
  };
}
