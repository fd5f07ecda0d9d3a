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
  const fitting = wholeLinesWithin(bytes, from, room);
  if (fitting > 0 || segmentBytes > 0) return fitting;
  const firstEnd = bytes.indexOf(newline, from);
  return firstEnd === -1 ? to - from : firstEnd + 1 - from;
}

/** Bytes of the whole lines in `bytes[from … from + room)`; 0 when not one fits. */
export function wholeLinesWithin(bytes: Uint8Array, from: number, room: number): number {
  const lastEnd = room > 0 ? bytes.lastIndexOf(newline, from + room - 1) : -1;
  return lastEnd >= from ? lastEnd + 1 - from : 0;
}
