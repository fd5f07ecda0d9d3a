import { type EntryTimes, entryTimesBytes, entryTimesOf } from "@waybill/log-tree";

/** Takes the bytes of a segment, and tells its {@link EntryTimes} at the end. */
export interface EntrySpanReader {
  update(chunk: Buffer): void;
  end(): EntryTimes;
}

/** Keeps the beginning and the end of what passes. */
export function createEntrySpanReader(): EntrySpanReader {
  let head = Buffer.alloc(0);
  let tail = Buffer.alloc(0);
  return {
    update(chunk) {
      if (head.length < entryTimesBytes)
        head = Buffer.concat([head, chunk.subarray(0, entryTimesBytes - head.length)]);
      // Copies of the ends only: a view would keep the whole chunk alive.
      const end = chunk.subarray(-entryTimesBytes);
      tail = Buffer.concat([tail.subarray(Math.max(0, tail.length + end.length - entryTimesBytes)), end]);
    },
    end: () => entryTimesOf(head, tail),
  };
}
