import { parseEntry } from "@waybill/log-tree";

/** Longest line that is looked at, bytes. */
const lineBytesMax = 65_536;
const newline = 0x0a;

/** The times between which the entries of a segment lie, as its first and its last line tell. */
export interface EntrySpan {
  /** Milliseconds since the epoch; undefined when neither line is an entry. */
  readonly firstMs: number | undefined;
  /** See {@link EntrySpan.firstMs}. */
  readonly lastMs: number | undefined;
}

/** Takes the bytes of a segment, and tells its {@link EntrySpan} at the end. */
export interface EntrySpanReader {
  update(chunk: Buffer): void;
  end(): EntrySpan;
}

/** Keeps the first and the last 64 KiB of what passes. */
export function createEntrySpanReader(): EntrySpanReader {
  let head = Buffer.alloc(0);
  let tail = Buffer.alloc(0);
  return {
    update(chunk) {
      if (head.length < lineBytesMax)
        head = Buffer.concat([head, chunk.subarray(0, lineBytesMax - head.length)]);
      // Copies of the ends only: a view would keep the whole chunk alive.
      const end = chunk.subarray(-lineBytesMax);
      tail = Buffer.concat([tail.subarray(Math.max(0, tail.length + end.length - lineBytesMax)), end]);
    },
    end() {
      const times = [timeOfFirst(head), timeOfLast(tail)].filter((time) => time !== undefined);
      if (times.length === 0) return { firstMs: undefined, lastMs: undefined };
      return { firstMs: Math.min(...times), lastMs: Math.max(...times) };
    },
  };
}

function timeOfFirst(head: Buffer): number | undefined {
  const end = head.indexOf(newline);
  return end < 0 ? undefined : parseEntry(head.toString("utf8", 0, end))?.timestampMs;
}

function timeOfLast(tail: Buffer): number | undefined {
  const end = tail.lastIndexOf(newline);
  if (end < 0) return undefined;
  const start = end === 0 ? 0 : tail.lastIndexOf(newline, end - 1) + 1;
  return parseEntry(tail.toString("utf8", start, end))?.timestampMs;
}
