import { forEachLine, seqOfLine } from "@waybill/log-tree";

/**
 * The lines from the first one on that has a higher number than `lastSeq`: those that a dead worker has not written.
 *
 * @param lines - in order of `seq`; a view.
 * @returns a view of the rest of them.
 */
export function linesBehind(lines: Uint8Array, lastSeq: number): Uint8Array {
  const bytes = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength);
  let from = 0;
  forEachLine(bytes, 0, bytes.length, (start, end) => {
    // Nothing behind the first missing line is skipped, whatever its number.
    if (start === from && seqOfLine(bytes, start, end) <= lastSeq) from = end;
  });
  return lines.subarray(from);
}

/** Whole lines in some bytes. */
export function countLines(lines: Uint8Array): number {
  let count = 0;
  forEachLine(lines, 0, lines.length, () => {
    count++;
  });
  return count;
}
