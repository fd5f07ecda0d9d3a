/**
 * What kept a file from being read whole.
 * - `vanished`: deleted, or moved out of its directory, before it was read to its end.
 * - `unreadable`: the operating system refused; the message says why.
 * - `truncated`: it became shorter while it was read.
 * - `gzip_cut`: the compressed file ends in the middle.
 * - `gzip_corrupt`: the compressed data are damaged from `offset` on.
 * - `torn_tail`: the last line has no `\n`. In an active file it may be an entry that is just being written.
 * - `invalid_lines`: lines that are no entries, from `offset` on; `count` says how many.
 * - `oversized_lines`: lines over the limit; `count` says how many.
 */
export type ReadProblemCode =
  | "vanished"
  | "unreadable"
  | "truncated"
  | "gzip_cut"
  | "gzip_corrupt"
  | "torn_tail"
  | "invalid_lines"
  | "oversized_lines";

/** One thing that is wrong with one file. */
export interface ReadProblem {
  readonly file: string;
  readonly code: ReadProblemCode;
  readonly message: string;
  /** Position in the uncompressed file, where the readable part ends or the first bad line starts. */
  readonly offset: number;
  /** Lines, for `invalid_lines` and `oversized_lines`; else 1. */
  readonly count: number;
}

/** How much of what was asked for could be read. Final when the iteration has ended; files count when they are done. */
export interface ReadReport {
  readonly files: number;
  /** Files without any problem. */
  readonly filesWhole: number;
  /** Uncompressed. */
  readonly bytes: number;
  /** Complete lines, whatever stands in them; without over-long ones. */
  readonly lines: number;
  /** Lines that were parsed as entries, before any filter. */
  readonly entries: number;
  /** Lines that are no entries. */
  readonly invalidLines: number;
  readonly oversizedLines: number;
  /** Bytes behind the last `\n` of files. */
  readonly tornBytes: number;
  /** The first 1,000. */
  readonly problems: readonly ReadProblem[];
  /** All, also those beyond the first 1,000. */
  readonly problemsTotal: number;
}

/** The counters of one file. */
export interface FileTally {
  bytes: number;
  lines: number;
  entries: number;
  invalidLines: number;
  oversizedLines: number;
  tornBytes: number;
  readonly problems: ReadProblem[];
}

const problemsMax = 1000;

/** The counters of a file of which nothing was read yet. */
export function createFileTally(): FileTally {
  return { bytes: 0, lines: 0, entries: 0, invalidLines: 0, oversizedLines: 0, tornBytes: 0, problems: [] };
}

/** A report that grows file by file. */
export interface GrowingReport {
  /** A live view. */
  readonly report: ReadReport;
  add(tally: FileTally): void;
  /** Counts a path that could not even be listed. */
  addUnreadable(file: string, message: string): void;
}

/** Makes an empty report. */
export function createReadReport(): GrowingReport {
  const total = { files: 0, filesWhole: 0, ...createFileTally(), problemsTotal: 0 };
  const add = (tally: FileTally): void => {
    total.files += 1;
    if (tally.problems.length === 0) total.filesWhole += 1;
    total.bytes += tally.bytes;
    total.lines += tally.lines;
    total.entries += tally.entries;
    total.invalidLines += tally.invalidLines;
    total.oversizedLines += tally.oversizedLines;
    total.tornBytes += tally.tornBytes;
    total.problemsTotal += tally.problems.length;
    total.problems.push(...tally.problems.slice(0, problemsMax - total.problems.length));
  };
  return {
    report: total,
    add,
    addUnreadable: (file, message) =>
      add({ ...createFileTally(), problems: [{ file, code: "unreadable", message, offset: 0, count: 1 }] }),
  };
}
