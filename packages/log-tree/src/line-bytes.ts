import { type Level, levels } from "@waybill/protocols";
import { ByteBuffer } from "./byte-buffer.ts";
import { entryKeys } from "./entry-codec.ts";

const newline = 0x0a;
const beforeSeq = Buffer.from(`,"${entryKeys.seq}":`, "latin1");
const afterTimestamp = Buffer.from(
  `{"${entryKeys.timestampMs}":"2026-11-22T10:30:01.123Z","${entryKeys.level}":"`,
);
/** The first letters of the levels differ, so one byte at a fixed place tells the level of an encoded line. */
const levelByFirstByte: ReadonlyMap<number, Level> = new Map(
  levels.map((level) => [level.charCodeAt(0), level]),
);

/** The level of the line that this package encoded at `bytes[start …`; CRITICAL when it cannot be told. */
export function levelOfLine(bytes: Uint8Array, start: number): Level {
  return levelByFirstByte.get(bytes[start + afterTimestamp.length] ?? 0) ?? "CRITICAL";
}

/**
 * The `seq` of the line that this package encoded at `bytes[start … end)`; 0 when there is none.
 *
 * The first `,"seq":` is the header's: inside a JSON string its quotes would be escaped, and the context comes later.
 */
export function seqOfLine(bytes: Buffer, start: number, end: number): number {
  const at = bytes.indexOf(beforeSeq, start);
  if (at === -1 || at >= end) return 0;
  let seq = 0;
  for (let index = at + beforeSeq.length; index < end; index++) {
    const digit = (bytes[index] as number) - 0x30;
    if (digit < 0 || digit > 9) break;
    seq = seq * 10 + digit;
  }
  return seq;
}

/** Calls `visit` with the bounds of each whole line in `bytes[from … to)`, its `\n` included. */
export function forEachLine(
  bytes: Uint8Array,
  from: number,
  to: number,
  visit: (start: number, end: number) => void,
): void {
  let start = from;
  while (start < to) {
    const end = bytes.indexOf(newline, start) + 1;
    if (end === 0 || end > to) return;
    visit(start, end);
    start = end;
  }
}

/**
 * The same lines with `added` more on each `seq`: for entries that were encoded before their stream could be opened
 * and its last number be read.
 */
export function renumberLines(lines: ByteBuffer, added: number): ByteBuffer {
  const renumbered = new ByteBuffer(lines.length + 64);
  forEachLine(lines.bytes, 0, lines.length, (start, end) => {
    const at = lines.bytes.indexOf(beforeSeq, start);
    if (at === -1 || at >= end) {
      renumbered.append(lines.bytes.subarray(start, end));
      return;
    }
    const seq = seqOfLine(lines.bytes, start, end);
    const digitsAt = at + beforeSeq.length;
    renumbered.append(lines.bytes.subarray(start, digitsAt));
    renumbered.append(Buffer.from(String(seq + added), "latin1"));
    renumbered.append(lines.bytes.subarray(digitsAt + String(seq).length, end));
  });
  return renumbered;
}
