import type { StreamKind } from "@waybill/log-tree";
import type { Level } from "@waybill/protocols";

/** What happens to the segments of a container that is no longer registered. */
export type UnregisterAction = "keep" | "archive" | "delete";

/** Which segments an override is for: all criteria that are given must fit. */
export interface OverrideMatch {
  readonly kind?: StreamKind | undefined;
  /** Container id, where `*` stands for any text and `?` for one character. Fits `container` streams only. */
  readonly container?: string | undefined;
  /** Type of the container. Fits `container` streams only. */
  readonly containerType?: string | undefined;
  /** Tier of a flow stream. */
  readonly tier?: string | undefined;
  /** Prefix of a correlation stream: `error` for `error_correlations.log`. */
  readonly prefix?: string | undefined;
  /** The most severe entry of the segment has this level or one above. */
  readonly minLevel?: Level | undefined;
  /** The most severe entry of the segment has this level or one below. */
  readonly maxLevel?: Level | undefined;
}

/** Other limits for some segments. Of several that fit, the last one that sets a limit decides it. */
export interface RetentionOverride {
  readonly match: OverrideMatch;
  /** As in {@link RetentionPolicyOptions}. Default: unchanged. */
  readonly archiveAfterMs?: number | undefined;
  /** As in {@link RetentionPolicyOptions}. Default: unchanged. */
  readonly deleteAfterMs?: number | undefined;
  /** As in {@link RetentionPolicyOptions}. Only with `kind`, `container` and `containerType`. Default: unchanged. */
  readonly maxContainerBytes?: number | undefined;
  /** As in {@link RetentionPolicyOptions}. Only with `kind`, `container` and `containerType`. Default: unchanged. */
  readonly onUnregister?: UnregisterAction | undefined;
  /** As in {@link RetentionPolicyOptions}. Only with `kind`, `container` and `containerType`. Default: unchanged. */
  readonly unregisterGraceMs?: number | undefined;
}

/** A limit of `Infinity` is none. */
export interface RetentionPolicyOptions {
  /** Sealed segments are archived this long after their last entry. Milliseconds ≥ 0. Default 7 days. */
  readonly archiveAfterMs?: number | undefined;
  /** Segments are deleted this long after their last entry. Milliseconds ≥ 1000. Default 30 days. */
  readonly deleteAfterMs?: number | undefined;
  /** What the whole tree may take: active, sealed, archived, temporary and our own state. Bytes ≥ 1. Default 10 GiB. */
  readonly maxTotalBytes?: number | undefined;
  /** What the streams of one container may take, in all states. Bytes ≥ 1. Default: no limit. */
  readonly maxContainerBytes?: number | undefined;
  /** What the disk must have left. Bytes ≥ 0. Default 0. */
  readonly minFreeBytes?: number | undefined;
  /** The same as a share of the disk; the larger of both counts. Percent, 0 to 90. Default 0. */
  readonly minFreePercent?: number | undefined;
  /**
   * When a size limit is exceeded, segments are deleted until this share of it is used, so that the next entries do
   * not exceed it again at once. Percent, 10 to 100. Default 90.
   */
  readonly evictToPercent?: number | undefined;
  /**
   * What an archived copy is expected to take of its source: how much room planned archiving is counted on to make
   * when a size limit is exceeded. Percent, 0 to 100; 100 where archiving fails or nobody can do it, so that deletions
   * make the room. Default 25, as JSON lines take 5 to 20.
   */
  readonly archivedPercent?: number | undefined;
  /** For containers that are not registered, after the grace. Default `archive`. */
  readonly onUnregister?: UnregisterAction | undefined;
  /** Time between unregistering and `onUnregister`. Milliseconds ≥ 0. Default 1 day. */
  readonly unregisterGraceMs?: number | undefined;
  /**
   * Whether system, fast, reliable and error streams have limits of their own, see {@link defaultOverrides}.
   * Default true.
   */
  readonly tierDefaults?: boolean | undefined;
  /** After the defaults, so they win. Default: none. */
  readonly overrides?: readonly RetentionOverride[] | undefined;
}

/** Limits with every default filled in. */
export interface RetentionPolicy {
  readonly archiveAfterMs: number;
  readonly deleteAfterMs: number;
  readonly maxTotalBytes: number;
  readonly maxContainerBytes: number;
  readonly minFreeBytes: number;
  readonly minFreePercent: number;
  readonly evictToPercent: number;
  readonly archivedPercent: number;
  readonly onUnregister: UnregisterAction;
  readonly unregisterGraceMs: number;
  /** Defaults first; the last one that fits wins. */
  readonly overrides: readonly NamedOverride[];
}

/** An override as the plan names it. */
export interface NamedOverride extends RetentionOverride {
  /** `default for tier fast`, `override 2 (container strategy_*)`. */
  readonly label: string;
}
