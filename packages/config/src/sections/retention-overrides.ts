import type { Level, Tier } from "@waybill/protocols";
import { z } from "zod";
import { addIssue, addWarning, type ConfigPath, type ConfigReport } from "../config-issue.ts";
import { defaults } from "../defaults.ts";
import { oneOf } from "../one-of.ts";
import { bareName, level, name, quantity, quantityText, word } from "../schema-leaf.ts";

/** Bounds of the ages, in days. */
export const maxAge = { min: 0.001, max: 36_500 };
export const archiveAfter = { min: 0, max: 36_500 };
/** Bounds of the quota of one container, in MB. */
export const containerSize = { min: 0.01, max: 1_048_576 };
/** Bounds of the grace after unregister, in seconds. */
export const grace = { min: 0, max: 31_536_000 };

/** More rules than a person can hold in mind are a mistake; each costs time for each file. */
const overridesMax = 100;

/** The kinds of streams of a log tree, as its directories tell them apart. */
const kinds = ["container", "flow", "correlation", "system", "master"] as const;
type RetainedKind = (typeof kinds)[number];

const overrideSchema = z.strictObject(
  {
    kind: word("Only files of this kind.", kinds),
    container: bareName.optional().meta({
      description:
        'Only files of containers with such an id; "*" stands for any text, "?" for one character.',
    }),
    type: name("Only files of containers of this type.").optional(),
    tier: name("Only flow records of this tier.").optional(),
    level: level("Only files that hold an entry at least this severe."),
    max_age_days: quantity("As in retention_policy, for what matches.", "days", maxAge),
    max_age: quantityText("max_age_days", "days", maxAge),
    archive_after_days: quantity("As in retention_policy, for what matches.", "days", archiveAfter),
    archive_after: quantityText("archive_after_days", "days", archiveAfter),
    max_container_size_mb: quantity("As in retention_policy, for what matches.", "mb", containerSize),
    max_container_size: quantityText("max_container_size_mb", "mb", containerSize),
    on_unregister: word("As in retention_policy, for what matches.", ["keep", "archive", "delete"]),
    unregister_grace_seconds: quantity("As in retention_policy, for what matches.", "seconds", grace),
    unregister_grace: quantityText("unregister_grace_seconds", "seconds", grace),
  },
  { error: "must be a map of what it matches and what holds there" },
);

/** `logging.retention_policy.overrides` of the file. */
export const retentionOverridesSchema = z
  .array(overrideSchema, { error: "must be a list of overrides" })
  .max(overridesMax, { error: `must name at most ${overridesMax} overrides` })
  .nullish()
  .meta({
    description: "Other rules for some of the files. All that match apply, in order: a later one wins.",
  });

/** Another rule for some of the files. What is undefined matches everything, or stays as it is. */
export interface RetentionOverrideConfig {
  /** The rule in words, for explanations: `retention_policy.overrides[2]`, or `default of tier fast`. */
  readonly rule: string;
  readonly kind: RetainedKind | undefined;
  /** Pattern of container ids, for {@link matchesGlob}. */
  readonly container: string | undefined;
  readonly type: string | undefined;
  /** Of flow records. */
  readonly tier: Tier | undefined;
  /** Matches segments that hold an entry at least this severe. */
  readonly level: Level | undefined;
  /** Days, as in {@link RetentionPolicyConfig}. */
  readonly maxAgeDays: number | undefined;
  /** Days, at most `maxAgeDays` of what matches; given whenever `maxAgeDays` is. */
  readonly archiveAfterDays: number | undefined;
  /** MiB. */
  readonly maxContainerSizeMb: number | undefined;
  readonly onUnregister: "keep" | "archive" | "delete" | undefined;
  /** Seconds. */
  readonly unregisterGraceSeconds: number | undefined;
}

interface Ages {
  readonly maxAgeDays: number;
  readonly archiveAfterDays: number;
}

const matchesAll = {
  kind: undefined,
  container: undefined,
  type: undefined,
  tier: undefined,
  level: undefined,
};
const changesNothing = {
  maxAgeDays: undefined,
  archiveAfterDays: undefined,
  maxContainerSizeMb: undefined,
  onUnregister: undefined,
  unregisterGraceSeconds: undefined,
};

/** The ages three times as long, as the design's table asks for what matters more. */
function longer({ maxAgeDays, archiveAfterDays }: Ages): Ages {
  const times = defaults.kept_longer_times;
  return {
    maxAgeDays: Math.min(times * maxAgeDays, maxAge.max),
    archiveAfterDays: Math.min(times * archiveAfterDays, archiveAfter.max),
  };
}

/** The defaults by tier, level and kind, weakest first: whatever holds errors is kept longer even in the fast tier. */
export function builtInOverrides(ages: Ages): readonly RetentionOverrideConfig[] {
  const none = { ...matchesAll, ...changesNothing };
  const fast = {
    maxAgeDays: Math.min(defaults.fast_max_age_days, ages.maxAgeDays),
    archiveAfterDays: Math.min(defaults.fast_archive_after_days, ages.archiveAfterDays),
  };
  const system = {
    maxAgeDays: defaults.system_max_age_days,
    archiveAfterDays: defaults.archive_after_days,
  };
  return [
    { ...none, rule: "default of tier fast", tier: "fast", ...fast },
    { ...none, rule: "default of tier reliable", tier: "reliable", ...longer(ages) },
    { ...none, rule: "default of files with errors", level: "ERROR", ...longer(ages) },
    { ...none, rule: "default of system files", kind: "system", ...system },
  ];
}

function checkMatch(
  { kind, container, type, tier, level: least }: z.output<typeof overrideSchema>,
  path: ConfigPath,
  tiers: readonly string[],
  report: ConfigReport,
): void {
  if ([kind, container, type, tier, least].every((part) => part === undefined)) {
    addIssue(report, path, "matches everything; name a kind, container, type, tier or level");
  }
  const ofContainer = container !== undefined || type !== undefined;
  if (ofContainer && ((kind !== undefined && kind !== "container") || tier !== undefined)) {
    addIssue(
      report,
      path,
      "matches nothing: a container or type excludes other kinds, and tiers; make two of it",
    );
  }
  if (tier !== undefined && tier !== "internal" && !tiers.includes(tier)) {
    addWarning(
      report,
      [...path, "tier"],
      `names no tier of logging.tiers (${tiers.join(", ")}); it matches nothing`,
    );
  }
}

/** Reads one override of the file, and says what in it can never have an effect. */
export function resolveOverride(
  file: z.output<typeof overrideSchema>,
  path: ConfigPath,
  { ages, tiers }: { readonly ages: Ages; readonly tiers: readonly string[] },
  report: ConfigReport,
): RetentionOverrideConfig {
  const { max_age_days, max_age, archive_after_days, archive_after } = file;
  const { max_container_size_mb, max_container_size } = file;
  const { unregister_grace_seconds, unregister_grace } = file;
  checkMatch(file, path, tiers, report);
  const maxAgeDays = oneOf(report, path, { max_age_days, max_age });
  const archive = oneOf(report, path, { archive_after_days, archive_after });
  const latest = maxAgeDays ?? ages.maxAgeDays;
  if (archive !== undefined && archive > latest) {
    const key = archive_after_days === undefined ? "archive_after" : "archive_after_days";
    addIssue(report, [...path, key], `must be at most max_age_days (${latest}), is ${archive}`);
  }
  const changes = {
    maxAgeDays,
    archiveAfterDays:
      archive ?? (maxAgeDays === undefined ? undefined : Math.min(ages.archiveAfterDays, maxAgeDays)),
    maxContainerSizeMb: oneOf(report, path, { max_container_size_mb, max_container_size }),
    onUnregister: file.on_unregister,
    unregisterGraceSeconds: oneOf(report, path, { unregister_grace_seconds, unregister_grace }),
  };
  if (Object.values(changes).every((value) => value === undefined)) {
    addIssue(report, path, "changes nothing; give an age, a size or on_unregister, or remove it");
  }
  const rule = `retention_policy.overrides[${path.at(-1)}]`;
  const { kind, container, type, tier, level: least } = file;
  return { rule, kind, container, type, tier, level: least, ...changes };
}
