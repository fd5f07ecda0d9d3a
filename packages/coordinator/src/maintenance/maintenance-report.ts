import type { FailedStep, RetentionOutcome, RetentionPlan, UnmetLimit } from "@waybill/retention";
import type { MaintenanceReason } from "./maintenance-schedule.ts";

/** What one run of maintenance has done. */
export interface MaintenanceReport {
  readonly reason: MaintenanceReason;
  /** Milliseconds since the epoch. */
  readonly startedMs: number;
  readonly durationMs: number;
  /** Plans made; a second one deletes what the first had sealed. */
  readonly rounds: number;
  /** Segments. */
  readonly sealed: number;
  readonly archived: number;
  readonly deleted: number;
  /** Bytes that deleting and archiving have freed, net. */
  readonly bytesFreed: number;
  /** Steps that were left out, as what they were planned for was no longer so. */
  readonly skipped: number;
  /** Archivings left for the next run: room was more urgent, or the writer compresses the segment now. */
  readonly postponed: number;
  readonly failed: number;
  /** The first 100 of them. */
  readonly errors: readonly FailedStep[];
  /** Limits that cannot be kept, and what stands in the way. */
  readonly unmet: readonly UnmetLimit[];
  /** Bytes of the tree afterwards. */
  readonly totalBytes: number;
}

/** The sums of a run in the making. */
export interface ReportTally {
  beginRound(): void;
  add(outcome: RetentionOutcome): void;
  postpone(steps: number): void;
  finish(plan: RetentionPlan | undefined, totalBytes: number, nowMs: number): MaintenanceReport;
}

const errorsMax = 100;

/** @param startedMs - milliseconds since the epoch. */
export function createReportTally(reason: MaintenanceReason, startedMs: number): ReportTally {
  const sums = { sealed: 0, archived: 0, deleted: 0, bytesFreed: 0, skipped: 0, failed: 0 };
  const names = Object.keys(sums) as (keyof typeof sums)[];
  const errors: FailedStep[] = [];
  let postponed = 0;
  let rounds = 0;
  return {
    beginRound() {
      rounds += 1;
    },
    add(outcome) {
      for (const name of names) sums[name] += outcome[name];
      errors.push(...outcome.errors.slice(0, errorsMax - errors.length));
    },
    postpone(steps) {
      postponed += steps;
    },
    finish: (plan, totalBytes, nowMs) => ({
      reason,
      startedMs,
      durationMs: Math.max(0, nowMs - startedMs),
      rounds,
      ...sums,
      postponed,
      errors,
      unmet: plan?.unmet ?? [],
      totalBytes,
    }),
  };
}
