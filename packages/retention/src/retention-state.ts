import type { Segment } from "@waybill/log-tree";
import type { Level } from "@waybill/protocols";
import type { Hold } from "./hold.ts";

/** One segment file, and what its owner knows about the entries in it. */
export interface RetainedSegment extends Segment {
  /** Time of the first entry, milliseconds since the epoch. Undefined = unknown: a hold on any time range covers it. */
  readonly firstMs?: number | undefined;
  /**
   * Time of the last entry, milliseconds since the epoch: what age is counted from, never the time of the file.
   * Undefined = unknown: the moment in the name of a sealed segment stands in for it, or its first entry if that is later;
   * an active one has no age. Left out for what is no log: what was set aside has its moment in its name, and of a
   * temporary file the time of the file counts.
   */
  readonly lastMs?: number | undefined;
  /** A writer or archiver has the file open. Nothing but `seal` is planned for it. Default false. */
  readonly isLive?: boolean | undefined;
  /**
   * Why a run before could not delete it, such as `EACCES` or `mount_point`, or why an active one cannot be sealed: it is
   * left alone, and others make room in its place. Undefined = nothing is known against it; leave it out again from time to time, to have it tried.
   */
  readonly refusal?: string | undefined;
  /** The most severe level in it. Undefined = unknown: of the overrides by level, those that keep longer apply. */
  readonly maxLevel?: Level | undefined;
  /** Type of its container. Undefined = unknown: no override by type applies. */
  readonly containerType?: string | undefined;
  /**
   * Which correlation ids it was searched for, and whether it has entries of them. An id that is missing was not
   * searched for: a hold on that id covers the segment.
   */
  readonly correlations?: ReadonlyMap<string, boolean> | undefined;
}

/** What {@link retainedSegmentOf} adds to a segment. */
export type SegmentKnowledge = Pick<
  RetainedSegment,
  "firstMs" | "lastMs" | "isLive" | "refusal" | "maxLevel" | "containerType" | "correlations"
>;

/**
 * A segment with what is known of its entries.
 *
 * Written out, as objects that are spread into a longer one (`{ ...segment, lastMs }`) each have a hidden class of
 * their own in V8: planning over 75,000 of those takes five times as long.
 */
export function retainedSegmentOf(segment: Segment, knowledge: SegmentKnowledge = {}): RetainedSegment {
  return {
    kind: segment.kind,
    stream: segment.stream,
    container: segment.container,
    component: segment.component,
    coordinator: segment.coordinator,
    tier: segment.tier,
    prefix: segment.prefix,
    archivedOn: segment.archivedOn,
    name: segment.name,
    path: segment.path,
    state: segment.state,
    bytes: segment.bytes,
    inode: segment.inode,
    device: segment.device,
    modifiedMs: segment.modifiedMs,
    shadowed: segment.shadowed,
    firstMs: knowledge.firstMs,
    lastMs: knowledge.lastMs,
    isLive: knowledge.isLive,
    refusal: knowledge.refusal,
    maxLevel: knowledge.maxLevel,
    containerType: knowledge.containerType,
    correlations: knowledge.correlations,
  };
}

/** Everything {@link planRetention} decides from. Plain data. */
export interface RetentionState {
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** Every segment file of the tree, in any state, and what is temporary or was set aside; `listSegments` has them. */
  readonly segments: readonly RetainedSegment[];
  /** Bytes of the tree outside `segments`: indexes, manifests, holds. They count, and nothing can be freed of them. */
  readonly otherBytes: number;
  /** Bytes that the disk has left for this user. Undefined = unknown: `minFree…` is not looked at. */
  readonly freeBytes?: number | undefined;
  /** Bytes of the disk. Undefined = unknown: `minFreePercent` is not looked at. */
  readonly capacityBytes?: number | undefined;
  /** All holds, expired ones too. */
  readonly holds: readonly Hold[];
  /** Ids of the containers that are registered. Undefined = nobody knows: `onUnregister` is not applied. */
  readonly registered?: ReadonlySet<string> | undefined;
  /**
   * When containers were unregistered, milliseconds since the epoch, by id. For one that is neither here nor
   * registered (an orphan of an earlier run) its newest entry counts.
   */
  readonly unregistered?: ReadonlyMap<string, number> | undefined;
}
