import { parseEntry } from "@waybill/log-tree";

/** What the lines of a file are. */
export interface EntryCount {
  readonly entries: number;
  /** Lines that are no entries, over-long ones too. */
  readonly invalidLines: number;
  /** Bytes behind the last `\n`. */
  readonly tornBytes: number;
}

/** Takes the bytes of a file, and parses each line. */
export interface EntryCounter {
  update(chunk: Buffer): void;
  /** What was counted so far. */
  count(): EntryCount;
}

/** Longer lines count as invalid and are not kept, bytes. */
const lineBytesMax = 8_388_608;
const newline = 0x0a;

/** Holds one chunk and one line. */
export function createEntryCounter(): EntryCounter {
  let entries = 0;
  let invalidLines = 0;
  let rest: Buffer[] = [];
  let restBytes = 0;
  const take = (line: Buffer): void => {
    const isWithin = restBytes + line.length <= lineBytesMax;
    const text = isWithin ? Buffer.concat([...rest, line]).toString("utf8") : "";
    if (isWithin && parseEntry(text) !== undefined) entries += 1;
    else invalidLines += 1;
    rest = [];
    restBytes = 0;
  };
  return {
    update(chunk) {
      let start = 0;
      for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
        take(chunk.subarray(start, end));
        start = end + 1;
      }
      const behind = chunk.subarray(start);
      restBytes += behind.length;
      if (restBytes > lineBytesMax) rest = [];
      else if (behind.length > 0) rest.push(behind);
    },
    count: () => ({ entries, invalidLines, tornBytes: restBytes }),
  };
}
