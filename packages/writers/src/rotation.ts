const newline = 0x0a;

/**
 * How many of the waiting bytes belong into the present segment: whole lines only.
 *
 * The decision is made before the write, so that a segment is never longer than its limit, except when a single line
 * is: that one gets a segment of its own.
 *
 * @param bytes - encoded lines, the last one ended by `\n`, in `bytes[from … to)`.
 * @param segmentBytes - bytes that the segment has.
 * @returns bytes to write now; 0 = seal first.
 */
export function bytesThatFit(
  bytes: Uint8Array,
  from: number,
  to: number,
  segmentBytes: number,
  segmentBytesMax: number,
): number {
  const room = segmentBytesMax - segmentBytes;
  if (to - from <= room) return to - from;
  const lastEnd = room > 0 ? bytes.lastIndexOf(newline, from + room - 1) : -1;
  if (lastEnd >= from) return lastEnd + 1 - from;
  if (segmentBytes > 0) return 0;
  const firstEnd = bytes.indexOf(newline, from);
  return firstEnd === -1 ? to - from : firstEnd + 1 - from;
}
