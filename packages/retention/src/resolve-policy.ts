import { defaultOverrides } from "./default-overrides.ts";
import type {
  NamedOverride,
  OverrideMatch,
  RetentionOverride,
  RetentionPolicy,
  RetentionPolicyOptions,
} from "./retention-policy.ts";

const dayMs = 86_400_000;
const never = Number.POSITIVE_INFINITY;

/** Least and greatest value of every number of a policy. */
const ranges = {
  archiveAfterMs: { min: 0, max: never, unit: "milliseconds" },
  deleteAfterMs: { min: 1000, max: never, unit: "milliseconds" },
  maxTotalBytes: { min: 1, max: never, unit: "bytes" },
  maxContainerBytes: { min: 1, max: never, unit: "bytes" },
  minFreeBytes: { min: 0, max: never, unit: "bytes" },
  minFreePercent: { min: 0, max: 90, unit: "percent" },
  evictToPercent: { min: 10, max: 100, unit: "percent" },
  archivedPercent: { min: 0, max: 100, unit: "percent" },
  unregisterGraceMs: { min: 0, max: never, unit: "milliseconds" },
} as const;

const defaults = {
  archiveAfterMs: 7 * dayMs,
  deleteAfterMs: 30 * dayMs,
  maxTotalBytes: 10 * 1024 ** 3,
  maxContainerBytes: never,
  minFreeBytes: 0,
  minFreePercent: 0,
  evictToPercent: 90,
  archivedPercent: 25,
  unregisterGraceMs: dayMs,
} as const satisfies Record<keyof typeof ranges, number>;

type NumberKey = keyof typeof ranges;
const numberKeys = Object.keys(ranges) as NumberKey[];
const containerKeys = ["maxContainerBytes", "onUnregister", "unregisterGraceMs"] as const;
const segmentCriteria = ["tier", "prefix", "minLevel", "maxLevel"] as const;

/**
 * Fills in the defaults and checks every value.
 *
 * @throws {RangeError} naming the option, its value and its range; also when segments would be archived only after
 *   they are deleted, and for an override of a container's limits that is matched by something that containers do not
 *   have (tier, prefix, level).
 */
export function resolveRetentionPolicy(options: RetentionPolicyOptions = {}): RetentionPolicy {
  checkLimits(options, "");
  const overrides = options.overrides ?? [];
  overrides.forEach(checkOverride);
  const limits = { ...defaults };
  const numbers = Object.fromEntries(numberKeys.map((key) => [key, options[key] ?? limits[key]])) as Record<
    NumberKey,
    number
  >;
  // As for archiving, whoever only shortens the age wants no error for a default he did not give.
  if (options.archiveAfterMs === undefined) {
    numbers.archiveAfterMs = Math.min(numbers.archiveAfterMs, numbers.deleteAfterMs);
  } else if (numbers.archiveAfterMs > numbers.deleteAfterMs) {
    throw new RangeError(
      `archiveAfterMs is ${numbers.archiveAfterMs}, after deleteAfterMs, ${numbers.deleteAfterMs}: nothing would be archived`,
    );
  }
  const named = (options.tierDefaults ?? true) ? defaultOverrides(numbers) : [];
  return {
    ...numbers,
    onUnregister: options.onUnregister ?? "archive",
    overrides: [
      ...named,
      ...overrides.map(
        (override, at): NamedOverride => ({ ...override, label: labelOf(override.match, at) }),
      ),
    ],
  };
}

function checkLimits(limits: Partial<Readonly<Record<NumberKey, unknown>>>, prefix: string): void {
  for (const key of numberKeys) {
    const value = limits[key];
    if (value === undefined) continue;
    const { min, max, unit } = ranges[key];
    if (typeof value === "number" && value >= min && value <= max) continue;
    const range = max === never ? `at least ${min}` : `${min} to ${max}`;
    throw new RangeError(`${prefix}${key} must be ${range} ${unit}, not ${String(value)}`);
  }
}

function checkOverride(override: RetentionOverride, at: number): void {
  const prefix = `overrides[${at}].`;
  checkLimits(override, prefix);
  const wrong = segmentCriteria.find((criterion) => override.match[criterion] !== undefined);
  const limit = containerKeys.find((key) => override[key] !== undefined);
  if (wrong !== undefined && limit !== undefined) {
    throw new RangeError(
      `${prefix}${limit} is a limit of containers, which have no ${wrong}: match kind, container or containerType`,
    );
  }
}

function labelOf(match: OverrideMatch, at: number): string {
  const criteria = Object.entries(match).filter(([, value]) => value !== undefined);
  const text = criteria.map(([key, value]) => `${key} ${String(value)}`).join(", ");
  return `override ${at + 1} (${text === "" ? "everything" : text})`;
}
