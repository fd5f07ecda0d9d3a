/** What a child process does with its logger. */
export interface Task {
  /**
   * - `exit`: logs all and calls `process.exit(0)`.
   * - `kill`: logs all, waits `settleMs` (0 = not at all, in the same turn) and sends itself SIGKILL.
   * - `burst`: logs all in bursts, closes, ends.
   * - `full`: logs all onto a device that fills up, is told when there is space again, logs 100 more, closes, ends.
   * - `stalled`: logs all to a reader that does not read and tells how its memory has grown.
   */
  readonly kind: "exit" | "kill" | "burst" | "full" | "stalled";
  readonly dir: string;
  /** Numbers of the entries: `count` from `from` on. */
  readonly from: number;
  readonly count: number;
  /** Length of the padding of each entry. */
  readonly padUnits: number;
  readonly rotateBytes?: number;
  readonly settleMs?: number;
}

/** Entries that `full` logs after there is space again. */
export const entriesAfterFull = 100;

/** What `stalled` answers. */
export interface StalledReport {
  readonly grownMb: number;
}
