import { type EntryInput, type EntrySource, type Level, levels } from "@waybill/protocols";
import type { Damage } from "./segment-ports.ts";

/**
 * Why entries are missing: an errno of the operating system, or what was found here.
 * - `queue`: the queue was full though nothing had failed.
 * - `torn`: the last run ended in the middle of a line; its bytes were set aside.
 * - `foreign`: the file held no entries, so it was set aside whole.
 * - `replaced`: the file was removed or replaced from outside while a line was half written.
 * - `truncated`: the file was cut from outside; how many entries that took is not known.
 * - `worker`: the thread that writes has died with entries in its memory.
 * - `reentrant`: a getter or `toJSON` of an entry logged more than could be kept.
 * - `unencodable`: the encoder failed, which takes the end of the stack or of memory.
 */
export type GapReason =
  | "queue"
  | "torn"
  | "foreign"
  | "replaced"
  | "truncated"
  | "worker"
  | "reentrant"
  | "unencodable"
  | (string & {});

/** What is missing at one place of a stream. */
export interface Gap {
  /** Entries lost; 0 when only their bytes are known (a torn tail, a foreign file). */
  readonly dropped: number;
  readonly byLevel: Readonly<Partial<Record<Level, number>>>;
  /** First and last `seq` of what was lost; entries in between may have survived. 0 when unknown. */
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly reason: GapReason;
  /** Bytes set aside. */
  readonly tornBytes?: number;
  /** Times of the first and last entry lost, as they stood in the entries. */
  readonly fromTime?: string;
  readonly toTime?: string;
}

/** What was found missing in a file, of which only the bytes are known. */
export function damageGap({ reason, bytes }: Damage): Gap {
  return { dropped: 0, byLevel: {}, fromSeq: 0, toSeq: 0, reason, tornBytes: bytes };
}

/** The message of every gap record, by which readers find them. */
export const gapMessage = "entries lost";

/** The level of every gap record. */
export const gapLevel: Level = "WARNING";

/** The entry that stands at the place of a gap. */
export function gapEntry(gap: Gap, source: EntrySource, timestampMs: number): EntryInput {
  return {
    timestampMs,
    level: gapLevel,
    message: gapMessage,
    source,
    scope: "lifecycle_management",
    correlationId: undefined,
    eventId: undefined,
    traceId: undefined,
    spanId: undefined,
    context: {
      gap: {
        dropped: gap.dropped,
        by_level: gap.byLevel,
        from_seq: gap.fromSeq,
        to_seq: gap.toSeq,
        reason: gap.reason,
        ...(gap.fromTime === undefined ? {} : { from_time: gap.fromTime }),
        ...(gap.toTime === undefined ? {} : { to_time: gap.toTime }),
        ...(gap.tornBytes === undefined ? {} : { torn_bytes: gap.tornBytes }),
      },
    },
  };
}

/** Two gaps with nothing between them, told as one: else a long outage would fill the queue with gap records. */
export function mergeGaps(first: Gap, second: Gap): Gap {
  const byLevel: Partial<Record<Level, number>> = { ...first.byLevel };
  for (const level of levels) {
    const count = (first.byLevel[level] ?? 0) + (second.byLevel[level] ?? 0);
    if (count > 0) byLevel[level] = count;
  }
  const tornBytes = (first.tornBytes ?? 0) + (second.tornBytes ?? 0);
  const fromTime = first.fromTime ?? second.fromTime;
  const toTime = second.toTime ?? first.toTime;
  return {
    dropped: first.dropped + second.dropped,
    byLevel,
    fromSeq: first.fromSeq || second.fromSeq,
    toSeq: Math.max(first.toSeq, second.toSeq),
    reason: first.reason,
    ...(tornBytes > 0 ? { tornBytes } : {}),
    ...(fromTime === undefined ? {} : { fromTime }),
    ...(toTime === undefined ? {} : { toTime }),
  };
}

/** The same gap when all numbers of its stream rise by `added`. */
export function shiftGap(gap: Gap, added: number): Gap {
  const shift = (seq: number): number => (seq === 0 ? 0 : seq + added);
  return { ...gap, fromSeq: shift(gap.fromSeq), toSeq: shift(gap.toSeq) };
}
