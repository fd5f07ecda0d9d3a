import {
  type Hold,
  planRetention,
  type RetainedSegment,
  type RetentionPlan,
  type RetentionPolicyOptions,
  type RetentionState,
  resolveRetentionPolicy,
} from "../../src/index.ts";
import { component, nowMs, type SegmentFacts, segmentOf } from "./segments.ts";

/** A state without holds, on a disk that nobody knows. */
export const stateOf = (
  segments: readonly RetainedSegment[],
  more: Partial<RetentionState> = {},
): RetentionState => ({
  nowMs,
  segments,
  otherBytes: 0,
  holds: [],
  ...more,
});
/** The plan for some segments, with all that stays. */
export const plan = (
  segments: readonly RetainedSegment[],
  policy: RetentionPolicyOptions = {},
  more: Partial<RetentionState> = {},
): RetentionPlan =>
  planRetention(stateOf(segments, more), resolveRetentionPolicy(policy), { listKept: true });

/** `delete a/2`, in order. */
export const stepsOf = ({ steps }: RetentionPlan): string[] =>
  steps.map(({ action, segment }) => {
    const { container, kind, name } = segment;
    return `${action} ${container ?? kind}/${name.seal?.number ?? name.aside?.reason ?? "active"}`;
  });
/** Why each segment stays. */
export const keptOf = ({ kept }: RetentionPlan): string[] =>
  kept.map(({ protection }) => protection ?? "not due");
/** A hold that covers everything, unless it is told what. */
export const hold = (facts: Partial<Hold>): Hold => ({
  id: "case_7",
  reason: "audit",
  createdMs: nowMs,
  ...facts,
});
/** A segment of a container. */
export const inContainer = (container: string, facts: SegmentFacts = {}) =>
  segmentOf({ address: component(container), ...facts });
