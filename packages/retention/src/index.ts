// Deciding: what to seal, archive and delete.

export { explainRetention } from "./explain-retention.ts";
export { type PlanRetentionOptions, planRetention, planRetentionInSlices } from "./plan-retention.ts";
export { resolveRetentionPolicy } from "./resolve-policy.ts";
export type {
  BlockedBytes,
  KeptSegment,
  Protection,
  RetentionAction,
  RetentionCause,
  RetentionPlan,
  RetentionStep,
  RetentionTotals,
  UnmetLimit,
} from "./retention-plan.ts";
export type {
  NamedOverride,
  OverrideMatch,
  RetentionOverride,
  RetentionPolicy,
  RetentionPolicyOptions,
  UnregisterAction,
} from "./retention-policy.ts";
export {
  type RetainedSegment,
  type RetentionState,
  retainedSegmentOf,
  type SegmentKnowledge,
} from "./retention-state.ts";

// Doing it.

export {
  type ApplyRetentionOptions,
  type ArchivedCopy,
  applyRetention,
  type RetentionPorts,
} from "./apply-retention.ts";
export type { DeletionPhase, DeletionRecord } from "./deletion-line.ts";
export { type DeletionHistory, readDeletions } from "./deletion-manifest.ts";
export type { FailedStep, RetentionOutcome, SkippedStep } from "./retention-outcome.ts";
export { type SweepStatePorts, type SweptState, sweepTreeState } from "./sweep-state.ts";
export type { SkipReason } from "./tree-guard.ts";

// Holds.

export type { Hold } from "./hold.ts";
export { type HoldPorts, type HoldRequest, listHolds, placeHold, releaseHold } from "./hold-files.ts";

// Looking at a tree, for those who do not write it themselves.

export { readEntryTimes } from "./entry-times.ts";
export {
  type CorrelationSearch,
  type CorrelationSearchOptions,
  createCorrelationSearch,
} from "./find-correlations.ts";
export { createLevelSearch, type LevelSearch, type LevelSearchOptions } from "./find-levels.ts";
export { type ReadRetentionStateOptions, readRetentionState } from "./read-retention-state.ts";
