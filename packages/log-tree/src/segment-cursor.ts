import type { LogEntry } from "@waybill/protocols";
import type { DescriptorPool } from "./descriptor-pool.ts";
import { parseEntry } from "./entry-codec.ts";
import type { LineBatch, LineBufferOptions } from "./line-buffer.ts";
import { createLineReader, type LineReaderTarget } from "./line-reader.ts";
import { createFileTally, type FileTally } from "./read-report.ts";

/** One entry with the place it was read from. */
export interface ReadEntry {
  readonly entry: LogEntry;
  /** As it stands in the file, without `\n`. */
  readonly line: string;
  /** Position of the line in the uncompressed file, bytes. */
  readonly offset: number;
  /** Path that the segment had when the reading began. */
  readonly file: string;
}

/** Steps through the entries of one file: lines are taken without waiting, as long as the loaded ones last. */
export interface SegmentCursor {
  /** The next entry of the loaded piece; undefined when there is none: load. */
  take(): ReadEntry | undefined;
  /** Loads the next piece. @returns false at the end of the file. Never rejects. */
  load(): Promise<boolean>;
  /** Idempotent; final counts are in the tally afterwards. */
  close(): void;
  readonly tally: FileTally;
}

/** Options of {@link createSegmentCursor}. */
export interface SegmentCursorOptions extends LineBufferOptions {
  /** Only lines with these bytes are parsed; the others count as lines, not as entries. */
  readonly contains?: string | undefined;
}

const openingBrace = 0x7b;
const nothing: LineBatch = { bytes: Buffer.alloc(0), offset: 0, ranges: [] };

/** A cursor before the first entry of a file. */
export function createSegmentCursor(
  target: LineReaderTarget,
  pool: DescriptorPool,
  options: SegmentCursorOptions,
): SegmentCursor {
  const tally = createFileTally();
  const reader = createLineReader(target, pool, tally, options);
  const filter = createBytesFilter(options.contains);
  let batch = nothing;
  let next = 0;
  let firstInvalid = -1;
  let closed = false;

  const parseAt = (start: number, end: number): ReadEntry | undefined => {
    if (batch.bytes[start] !== openingBrace) return undefined;
    const line = batch.bytes.toString("utf8", start, end);
    const entry = parseEntry(line);
    return entry && { entry, line, offset: batch.offset + start, file: target.path };
  };
  const read = (start: number, end: number): ReadEntry | undefined => {
    if (!filter.takes(start, end)) return undefined;
    const whole = parseAt(start, end);
    if (whole !== undefined) return whole;
    tally.invalidLines += 1;
    if (firstInvalid < 0) firstInvalid = batch.offset + start;
    // A file system that lost its power may leave a hole of NUL bytes, and the first entry written after the restart
    // stands on the same line.
    const hole = batch.bytes.subarray(start, end).lastIndexOf(0);
    return hole < 0 ? undefined : parseAt(start + hole + 1, end);
  };

  return {
    tally,
    take() {
      const { ranges } = batch;
      while (next < ranges.length) {
        const start = ranges[next] ?? 0;
        const end = ranges[next + 1] ?? 0;
        next += 2;
        tally.lines += 1;
        const found = read(start, end);
        if (found === undefined) continue;
        tally.entries += 1;
        return found;
      }
      return undefined;
    },
    async load() {
      const loaded = await reader.next();
      batch = loaded ?? nothing;
      next = 0;
      filter.begin(batch.bytes);
      return loaded !== undefined;
    },
    close() {
      if (closed) return;
      closed = true;
      reader.close();
      batch = nothing;
      addLineProblems(tally, target.path, firstInvalid);
    },
  };
}

/** Tells which lines have certain bytes, in one search over a whole piece of the file. Lines are asked in order. */
function createBytesFilter(contains: string | undefined) {
  const wanted = contains ? Buffer.from(contains) : undefined;
  let bytes = nothing.bytes;
  /** Where the wanted bytes stand next: before this, no line has them. */
  let nextAt = -1;
  return {
    begin(piece: Buffer): void {
      bytes = piece;
      nextAt = -1;
    },
    takes(start: number, end: number): boolean {
      if (wanted === undefined) return true;
      if (nextAt < start) {
        const found = bytes.indexOf(wanted, start);
        nextAt = found < 0 ? Number.MAX_SAFE_INTEGER : found;
      }
      return nextAt + wanted.length <= end;
    },
  };
}

function addLineProblems(tally: FileTally, file: string, firstInvalid: number): void {
  const { invalidLines, oversizedLines, problems } = tally;
  if (invalidLines > 0) {
    const message = `${invalidLines} lines are no entries`;
    problems.push({ file, code: "invalid_lines", message, offset: firstInvalid, count: invalidLines });
  }
  if (oversizedLines > 0) {
    const message = `${oversizedLines} lines are over the limit`;
    problems.push({ file, code: "oversized_lines", message, offset: 0, count: oversizedLines });
  }
}
