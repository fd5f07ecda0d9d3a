import type { z } from "zod";
import { addIssue, addWarning, type ConfigReport } from "../config-issue.ts";
import { defaults } from "../defaults.ts";
import { oneOf } from "../one-of.ts";
import { flag, quantity, quantityText, section, share, word } from "../schema-leaf.ts";
import {
  archiveAfter,
  builtInOverrides,
  containerSize,
  grace,
  maxAge,
  type RetentionOverrideConfig,
  resolveOverride,
  retentionOverridesSchema,
} from "./retention-overrides.ts";

const totalSize = { min: 0.001, max: 1_048_576 };

/** What is done with the logs of a container that is gone, once the grace is over. */
export type UnregisterAction = "keep" | "archive" | "delete";

/** Space on a disk, as bytes or as a share of its capacity. */
export type DiskSpace = { readonly bytes: number } | { readonly percent: number };

/** `logging.retention_policy` of the file. */
export const retentionPolicySchema = section(
  "What happens to sealed log files as they grow old, and what all files may take. Kept by maintenance.",
  {
    max_age_days: quantity(
      "Days after which logs are deleted, by the time of their last entry; what writers have set aside, since then.",
      "days",
      { ...maxAge, default: defaults.max_age_days },
    ),
    max_age: quantityText("max_age_days", "days", maxAge),
    archive_after_days: quantity(
      "Days after which logs are archived, that is compressed and moved to archived/; at most max_age_days. Without compression_enabled never.",
      "days",
      { ...archiveAfter, default: defaults.archive_after_days },
    ),
    archive_after: quantityText("archive_after_days", "days", archiveAfter),
    max_total_size_gb: quantity(
      "GB (1024³ bytes) that the whole log tree may take, with all that Waybill puts there: the hard limit, at which writers wait as on a full disk. Room is made before, at monitoring.disk_usage_alert_threshold_gb.",
      "gb",
      { ...totalSize, default: defaults.max_total_size_gb },
    ),
    max_total_size: quantityText("max_total_size_gb", "gb", totalSize),
    max_size_gb: quantity("Deprecated: write max_total_size_gb.", "gb", totalSize).meta({
      description: "Deprecated: write max_total_size_gb.",
      deprecated: true,
    }),
    compression_enabled: flag(
      "Whether logs are archived, which compresses them. Without it nothing is archived: logs stay in their place until they are deleted.",
      defaults.compression_enabled,
    ),
    max_container_size_mb: quantity(
      "MB (1024² bytes) that the files of one container may take. Default: no limit but that of the whole tree.",
      "mb",
      containerSize,
    ),
    max_container_size: quantityText("max_container_size_mb", "mb", containerSize),
    min_free_disk: share("Space that stays free on the disk of the log tree. Default: none is kept free."),
    on_unregister: word(
      "What is done with the logs of a container that is gone: keep (as those of any other), archive (default; without compression_enabled the same as keep), delete.",
      ["keep", "archive", "delete"],
    ),
    unregister_grace_seconds: quantity("Seconds from unregister until on_unregister is done.", "seconds", {
      ...grace,
      default: defaults.unregister_grace_seconds,
    }),
    unregister_grace: quantityText("unregister_grace_seconds", "seconds", grace),
    tier_defaults_enabled: flag(
      "Whether the defaults by tier hold: fast is archived after 1 day and kept 7, reliable and whatever holds an ERROR three times as long as the rest, system 30 days.",
      defaults.tier_defaults_enabled,
    ),
    overrides: retentionOverridesSchema,
  },
);

/** What happens to sealed segments as they grow old, and what all files may take. */
export interface RetentionPolicyConfig {
  /** Days after which logs are deleted, by the time of their last entry, 0.001 to 36500. Default 30. */
  readonly maxAgeDays: number;
  /** Days after which logs are archived, 0 to `maxAgeDays`. Default 7, or `maxAgeDays` if that is less. */
  readonly archiveAfterDays: number;
  /** GiB that the whole log tree may take, 0.001 to 1048576; writers wait there. Default 10. */
  readonly maxTotalSizeGb: number;
  /** Whether logs are archived, which compresses them; without it nothing is archived. Default true. */
  readonly compressionEnabled: boolean;
  /** MiB that the files of one container may take, 0.01 to 1048576. Undefined (default) = only the total counts. */
  readonly maxContainerSizeMb: number | undefined;
  /** Space that stays free on the disk of the tree. Undefined (default) = none is kept free. */
  readonly minFreeDisk: DiskSpace | undefined;
  /** What is done with the logs of a container that is gone. Default `archive`. */
  readonly onUnregister: UnregisterAction;
  /** Seconds from unregister until `onUnregister` is done, 0 to 31536000. Default 3600. */
  readonly unregisterGraceSeconds: number;
  /** Whether `builtInOverrides` is filled. Default true. */
  readonly tierDefaultsEnabled: boolean;
  /** The defaults by tier, level and kind; they come before `overrides`. */
  readonly builtInOverrides: readonly RetentionOverrideConfig[];
  /** The overrides of the file. All that match apply, in order, so a later one wins. Default empty. */
  readonly overrides: readonly RetentionOverrideConfig[];
}

/** Fills in the defaults of `logging.retention_policy`. */
export function resolveRetentionPolicy(
  given: z.output<typeof retentionPolicySchema>,
  tiers: readonly string[],
  report: ConfigReport,
): RetentionPolicyConfig {
  const file = given ?? {};
  const path = ["logging", "retention_policy"];
  const { max_age_days, max_age, archive_after_days, archive_after } = file;
  const { max_total_size_gb, max_total_size, max_size_gb } = file;
  const { max_container_size_mb, max_container_size } = file;
  const { unregister_grace_seconds, unregister_grace } = file;
  const maxAgeDays = oneOf(report, path, { max_age_days, max_age }) ?? defaults.max_age_days;
  const archive = oneOf(report, path, { archive_after_days, archive_after });
  if (archive !== undefined && archive > maxAgeDays) {
    const key = archive_after_days === undefined ? "archive_after" : "archive_after_days";
    addIssue(
      report,
      [...path, key],
      `must be at most max_age_days (${maxAgeDays}), or nothing would ever be archived, is ${archive}`,
    );
  }
  if (max_size_gb !== undefined) {
    addWarning(report, [...path, "max_size_gb"], "is deprecated; write max_total_size_gb");
  }
  const ages = {
    maxAgeDays,
    archiveAfterDays: archive ?? Math.min(defaults.archive_after_days, maxAgeDays),
  };
  const tierDefaultsEnabled = file.tier_defaults_enabled ?? defaults.tier_defaults_enabled;
  return {
    ...ages,
    maxTotalSizeGb:
      oneOf(report, path, { max_total_size_gb, max_total_size, max_size_gb }) ?? defaults.max_total_size_gb,
    compressionEnabled: file.compression_enabled ?? defaults.compression_enabled,
    maxContainerSizeMb: oneOf(report, path, { max_container_size_mb, max_container_size }),
    minFreeDisk: file.min_free_disk,
    onUnregister: file.on_unregister ?? defaults.on_unregister,
    unregisterGraceSeconds:
      oneOf(report, path, { unregister_grace_seconds, unregister_grace }) ??
      defaults.unregister_grace_seconds,
    tierDefaultsEnabled,
    builtInOverrides: tierDefaultsEnabled ? builtInOverrides(ages) : [],
    overrides: (file.overrides ?? []).map((override, index) =>
      resolveOverride(override, [...path, "overrides", index], { ages, tiers }, report),
    ),
  };
}
