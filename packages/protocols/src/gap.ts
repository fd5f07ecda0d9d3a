import type { EntryInput, EntrySource } from "./entry.ts";
import type { Level } from "./level.ts";

/**
 * Why entries are missing: an errno of the operating system, `WAYBILL_SPACE_EXHAUSTED`, or a word.
 * - `queue`: the queue was full though nothing had failed.
 * - `quota`: the container had used up what it may write.
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
  | "quota"
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
  /** First and last `seq` of what was lost; entries in between may have survived. 0 when unknown, or none was given. */
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly reason: GapReason;
  /** Bytes set aside. */
  readonly tornBytes?: number;
  /** Times of the first and last entry lost, as they stood in the entries. */
  readonly fromTime?: string;
  readonly toTime?: string;
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
