import { type Gap, type Level, levels } from "@waybill/protocols";
import type { Damage } from "./segment-ports.ts";

/** What was found missing in a file, of which only the bytes are known. */
export function damageGap({ reason, bytes }: Damage): Gap {
  return { dropped: 0, byLevel: {}, fromSeq: 0, toSeq: 0, reason, tornBytes: bytes };
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
