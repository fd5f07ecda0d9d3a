import { forEachLine, parseEntry } from "@waybill/log-tree";
import { type Gap, gapMessage, type Level } from "@waybill/protocols";

/** As the encoder writes the message of a gap record, and of nothing that has another message. */
const gapMark = Buffer.from(`"message":"${gapMessage}"`, "latin1");

/**
 * The gap records among some lines, by their `seq`. For lines that come back from another thread, which knows only
 * bytes: a gap record must not be counted as an entry, and two of them with nothing between are told as one.
 *
 * @param lines - whole lines of this package's encoder.
 * @param countMax - how many there are, if that is known: a caller may have logged the same text.
 */
export function gapsIn(lines: Uint8Array, countMax = Number.POSITIVE_INFINITY): Map<number, Gap> {
  const gaps = new Map<number, Gap>();
  if (countMax === 0) return gaps;
  const bytes = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength);
  if (!bytes.includes(gapMark)) return gaps;
  forEachLine(bytes, 0, bytes.length, (start, end) => {
    if (gaps.size >= countMax) return;
    const line = bytes.subarray(start, end - 1);
    const entry = line.includes(gapMark) ? parseEntry(line.toString("utf8")) : undefined;
    const gap = entry?.message === gapMessage ? parseGap(entry.context["gap"]) : undefined;
    if (entry !== undefined && gap !== undefined) gaps.set(entry.seq, gap);
  });
  return gaps;
}

/** The inverse of what `gapEntry` writes under `gap`. */
function parseGap(value: unknown): Gap | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const written = value as Readonly<Record<string, unknown>>;
  const { dropped, by_level, from_seq, to_seq, reason, from_time, to_time, torn_bytes } = written;
  if (typeof dropped !== "number" || typeof from_seq !== "number" || typeof to_seq !== "number")
    return undefined;
  if (typeof reason !== "string" || typeof by_level !== "object" || by_level === null) return undefined;
  return {
    dropped,
    byLevel: by_level as Partial<Record<Level, number>>,
    fromSeq: from_seq,
    toSeq: to_seq,
    reason,
    ...(typeof from_time === "string" ? { fromTime: from_time } : {}),
    ...(typeof to_time === "string" ? { toTime: to_time } : {}),
    ...(typeof torn_bytes === "number" ? { tornBytes: torn_bytes } : {}),
  };
}
