import type { RetentionAction } from "./retention-plan.ts";
import type { SkipReason } from "./tree-guard.ts";

const listedMax = 100;

/** A step that was left out, as what it was planned for was no longer so. */
export interface SkippedStep {
  readonly action: RetentionAction;
  readonly path: string;
  readonly reason: SkipReason;
}

/** A step that failed; the others were carried out all the same. */
export interface FailedStep {
  readonly action: RetentionAction;
  readonly path: string;
  /** Of the operating system, such as `EACCES`, or of a Waybill error; "" when it has none. */
  readonly code: string;
  readonly message: string;
}

/** What `applyRetention` did. Partial success is success with `errors`. */
export interface RetentionOutcome {
  /** Segments. */
  readonly sealed: number;
  readonly archived: number;
  readonly deleted: number;
  /** Bytes: deleted files, and sources less their archived copies. A file that keeps another name frees none. */
  readonly bytesFreed: number;
  /** Steps. */
  readonly skipped: number;
  readonly failed: number;
  /** Deletions without a `done` line in the manifest, as the disk had no room for it. */
  readonly unlogged: number;
  /** Steps that were not reached, as the signal was aborted. */
  readonly unreached: number;
  /** The first 100. */
  readonly skips: readonly SkippedStep[];
  /** The first 100. */
  readonly errors: readonly FailedStep[];
}

/** An outcome that grows step by step. */
export interface OutcomeTally {
  /** A live view. */
  readonly outcome: RetentionOutcome;
  count(action: RetentionAction, bytesFreed: number): void;
  skip(action: RetentionAction, path: string, reason: SkipReason): void;
  fail(action: RetentionAction, path: string, error: unknown): void;
  addUnlogged(deletions: number): void;
  addUnreached(steps: number): void;
}

const counters = { seal: "sealed", archive: "archived", delete: "deleted" } as const;

/** An outcome of nothing yet. */
export function createOutcomeTally(): OutcomeTally {
  const total = { sealed: 0, archived: 0, deleted: 0, bytesFreed: 0, skipped: 0, failed: 0 };
  const rest = { unlogged: 0, unreached: 0 };
  const skips: SkippedStep[] = [];
  const errors: FailedStep[] = [];
  return {
    get outcome() {
      return { ...total, ...rest, skips, errors };
    },
    count(action, bytesFreed) {
      total[counters[action]] += 1;
      total.bytesFreed += bytesFreed;
    },
    skip(action, path, reason) {
      total.skipped += 1;
      if (skips.length < listedMax) skips.push({ action, path, reason });
    },
    fail(action, path, error) {
      total.failed += 1;
      const message = error instanceof Error ? error.message : String(error);
      if (errors.length < listedMax) errors.push({ action, path, code: errorCodeOf(error), message });
    },
    addUnlogged(deletions) {
      rest.unlogged += deletions;
    },
    addUnreached(steps) {
      rest.unreached += steps;
    },
  };
}

/** The code of an error (`ENOSPC`), or "" when it has none. */
export function errorCodeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
