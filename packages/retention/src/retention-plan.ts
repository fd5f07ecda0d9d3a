import type { RetainedSegment } from "./retention-state.ts";

/**
 * What is done with a segment.
 * - `seal`: its writer seals the active segment; what becomes of it then is for the next plan.
 * - `archive`: it is compressed and moved below `archived/`.
 * - `delete`: it is expired, or has to make room.
 */
export type RetentionAction = "seal" | "archive" | "delete";

/**
 * Why.
 * - `age`: its last entry is older than its limit, or a temporary file was not written for an hour.
 * - `unregistered`: its container is gone.
 * - `container_quota`, `total_size`, `free_space`: a size limit was exceeded, and it was the next in the order.
 */
export type RetentionCause = "age" | "unregistered" | "container_quota" | "total_size" | "free_space";

/**
 * Why a segment is not touched.
 * - `held`: a hold covers it.
 * - `live`: a writer or archiver has it open.
 * - `active`: only sealed segments are archived and deleted.
 * - `temporary`: written within the last hour, so that somebody may be making it.
 * - `refused`: a run before could not delete it, or an active one cannot be sealed.
 * - `two_copies`: the same entries stand in a second file; recovery decides which one stays. Deleted together by age.
 */
export type Protection = "held" | "live" | "refused" | "active" | "temporary" | "two_copies";

/** One step of a plan. */
export interface RetentionStep {
  readonly action: RetentionAction;
  readonly cause: RetentionCause;
  readonly segment: RetainedSegment;
  /** In words, with its numbers and where they come from. */
  readonly rule: string;
  /** Bytes: exact for `delete`, an estimate for `archive`, 0 for `seal`. */
  readonly bytesFreed: number;
  /**
   * It is the newest sealed segment of its stream, from which the writer reads where `seq` and the numbers of
   * segments go on, or only such without a known entry are newer: `applyRetention` raises the floor of the stream
   * before it goes.
   */
  readonly raisesFloor: boolean;
}

/** A segment that stays, and why. */
export interface KeptSegment {
  readonly segment: RetainedSegment;
  /** In words. */
  readonly rule: string;
  /** Undefined when it is simply not due. */
  readonly protection: Protection | undefined;
}

/** Sizes of a tree. */
export interface RetentionTotals {
  /** The whole tree; a file with two names counts once. */
  readonly bytes: number;
  readonly segments: number;
  /** Of the disk; undefined = unknown. */
  readonly freeBytes: number | undefined;
}

/** A limit that the plan cannot reach. */
export interface UnmetLimit {
  readonly limit: "container_quota" | "total_size" | "free_space";
  /** The directory name of the container, for `container_quota`. */
  readonly container: string | undefined;
  /** Bytes still over the limit after all steps. */
  readonly missingBytes: number;
  /** What stands in the way, and how much of it. */
  readonly blocked: readonly BlockedBytes[];
}

/** Segments that could have made room. */
export interface BlockedBytes {
  /** `sealing`: sealed by this plan, so the next one can delete them. */
  readonly by: Protection | "sealing";
  readonly segments: number;
  readonly bytes: number;
}

/** What is to be done, in this order. Plain data; nothing has happened yet. */
export interface RetentionPlan {
  /** Milliseconds since the epoch. */
  readonly plannedMs: number;
  /** Deletions by age, deletions for room, seals, archivings; within each from the oldest to the newest. */
  readonly steps: readonly RetentionStep[];
  /** All that stays. Empty unless `listKept` was asked for. */
  readonly kept: readonly KeptSegment[];
  readonly before: RetentionTotals;
  /** As expected, see {@link RetentionStep.bytesFreed}. */
  readonly after: RetentionTotals;
  readonly unmet: readonly UnmetLimit[];
}
