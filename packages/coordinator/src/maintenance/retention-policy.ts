import type { LoggingConfig, RetentionOverrideConfig } from "@waybill/config";
import {
  type NamedOverride,
  type RetentionPolicy,
  resolveRetentionPolicy,
  type UnregisterAction,
} from "@waybill/retention";

const dayMs = 86_400_000;
const bytesPerMb = 1_048_576;
const bytesPerGb = 1024 * bytesPerMb;
/** The highest share of the total at which room is made: writers go on while that happens. */
const roomShareMax = 0.95;

/** Bytes between which a tree is kept. */
export interface SizeLimits {
  /** Never exceeded: what would exceed it waits, as on a full device. Infinity = writers are not stopped. */
  readonly maxTotalBytes: number;
  /** From here on room is made … */
  readonly roomFromBytes: number;
  /** … until this is left. */
  readonly roomToBytes: number;
}

/** The sizes of `retention_policy.max_total_size_gb` and of the disk alert of `monitoring`, which calls for room. */
export function sizeLimitsOf({ retentionPolicy, monitoring }: LoggingConfig): SizeLimits {
  const maxTotalBytes = Math.floor(retentionPolicy.maxTotalSizeGb * bytesPerGb);
  const threshold = Math.floor(monitoring.diskUsageAlertThresholdGb * bytesPerGb);
  const roomFromBytes = Math.min(threshold, Math.floor(maxTotalBytes * roomShareMax));
  const roomToBytes = Math.min(Math.floor(monitoring.diskUsageTargetGb * bytesPerGb), roomFromBytes);
  return { maxTotalBytes, roomFromBytes, roomToBytes };
}

/**
 * What the configuration means for retention. The size that calls for room is the total of this policy, so that room
 * is made before the hard limit is reached.
 */
export function retentionPolicyOf(logging: LoggingConfig): RetentionPolicy {
  const { retentionPolicy: given } = logging;
  const { roomFromBytes, roomToBytes } = sizeLimitsOf(logging);
  const { maxContainerSizeMb, minFreeDisk } = given;
  const base = resolveRetentionPolicy({
    archiveAfterMs: given.archiveAfterDays * dayMs,
    deleteAfterMs: given.maxAgeDays * dayMs,
    maxTotalBytes: roomFromBytes,
    evictToPercent: Math.max(10, (100 * roomToBytes) / roomFromBytes),
    ...(maxContainerSizeMb === undefined ? {} : { maxContainerBytes: maxContainerSizeMb * bytesPerMb }),
    ...(minFreeDisk === undefined ? {} : freeOf(minFreeDisk)),
    onUnregister: given.onUnregister,
    unregisterGraceMs: given.unregisterGraceSeconds * 1000,
    // The configuration has them spelled out.
    tierDefaults: false,
  });
  const overrides = [...given.builtInOverrides, ...given.overrides].map(overrideOf);
  if (given.compressionEnabled) return { ...base, overrides };
  // An archived copy is always a compressed one, so that without compression nothing is archived.
  return {
    ...base,
    archiveAfterMs: Number.POSITIVE_INFINITY,
    onUnregister: unarchived(base.onUnregister),
    overrides: overrides.map((override) => ({
      ...override,
      archiveAfterMs: undefined,
      onUnregister: unarchived(override.onUnregister),
    })),
  };
}

function unarchived<Action extends UnregisterAction | undefined>(action: Action): Action | "keep" {
  return action === "archive" ? "keep" : action;
}

function freeOf(
  space: { readonly bytes: number } | { readonly percent: number },
): { minFreeBytes: number } | { minFreePercent: number } {
  return "bytes" in space ? { minFreeBytes: space.bytes } : { minFreePercent: Math.min(90, space.percent) };
}

function overrideOf(override: RetentionOverrideConfig): NamedOverride {
  const { rule, kind, container, type, tier, level, maxAgeDays, archiveAfterDays } = override;
  const { maxContainerSizeMb, onUnregister, unregisterGraceSeconds } = override;
  return {
    label: rule,
    match: { kind, container, containerType: type, tier, minLevel: level },
    deleteAfterMs: maxAgeDays === undefined ? undefined : maxAgeDays * dayMs,
    archiveAfterMs: archiveAfterDays === undefined ? undefined : archiveAfterDays * dayMs,
    maxContainerBytes: maxContainerSizeMb === undefined ? undefined : maxContainerSizeMb * bytesPerMb,
    onUnregister,
    unregisterGraceMs: unregisterGraceSeconds === undefined ? undefined : unregisterGraceSeconds * 1000,
  };
}
