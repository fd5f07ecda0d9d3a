import type { SegmentState } from "@waybill/log-tree";
import type { Candidate } from "./candidates.ts";
import { formatAge } from "./format-amount.ts";
import type { RetentionAction, RetentionCause, RetentionStep } from "./retention-plan.ts";
import type { RetentionPolicy } from "./retention-policy.ts";

/** The steps of a plan while it is made. */
export interface PlanDraft {
  readonly deletions: Candidate[];
  readonly evictions: Candidate[];
  readonly seals: Candidate[];
  /** Some may be evicted after all: those have another step then. */
  readonly archivings: Candidate[];
}

/** A plan without steps. */
export function createPlanDraft(): PlanDraft {
  return { deletions: [], evictions: [], seals: [], archivings: [] };
}

/** Gives a candidate its step; an earlier one is replaced. @returns the step. */
export function decide(
  candidate: Candidate,
  action: RetentionAction,
  cause: RetentionCause,
  rule: string,
  bytesFreed: number,
): RetentionStep {
  const raisesFloor = candidate.isNewest && action !== "seal";
  const step = { action, cause, segment: candidate.segment, rule, bytesFreed, raisesFloor };
  candidate.step = step;
  return step;
}

/** What deleting a candidate frees beyond what its step frees already. */
export function gainOf({ bytes, step }: Candidate): number {
  return bytes - (step?.bytesFreed ?? 0);
}

/** Bytes that archiving is expected to free; none for a segment that is compressed already. */
export function archiveGainOf({ segment, bytes }: Candidate, policy: RetentionPolicy): number {
  return segment.name.compressed ? 0 : Math.floor((bytes * (100 - policy.archivedPercent)) / 100);
}

const sinceWords: Partial<Record<SegmentState, string>> = { temporary: "last written", aside: "set aside" };

/** `last entry 31 d ago`, or by what stands in for it. */
export function ageInWords({ segment, ageMs }: Candidate): string {
  if (ageMs === undefined) return "age unknown";
  const of = sinceWords[segment.state] ?? (segment.lastMs === undefined ? "sealed" : "last entry");
  return ageMs < 0 ? `${of} ${formatAge(-ageMs)} in the future` : `${of} ${formatAge(ageMs)} ago`;
}
