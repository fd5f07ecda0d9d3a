import { z } from "zod";
import { addIssue, type ConfigReport } from "../config-issue.ts";
import { defaults } from "../defaults.ts";
import { matchesGlob } from "../glob.ts";
import { bareName, integer, name, quantity, section } from "../schema-leaf.ts";

const path = ["logging", "quotas"];
const bytes = { min: 1024, max: 2 ** 40 };
const burst = { min: 0.1, max: 3600 };
const overridesMax = 100;

const limits = {
  lines_per_second: integer(
    "Entries per second of one container; more are dropped and counted. Default: no limit.",
    {
      min: 1,
      max: 10_000_000,
    },
  ),
  bytes_per_second: quantity(
    "Bytes per second of one container; more are dropped and counted. Default: no limit.",
    "bytes",
    bytes,
  ),
  burst_seconds: quantity("Seconds of the rate that may come at once after a pause.", "seconds", {
    ...burst,
    default: defaults.burst_seconds,
  }),
};

const overrideSchema = z.strictObject(
  {
    container: bareName.optional().meta({
      description: 'Only containers with such an id; "*" stands for any text, "?" for one character.',
    }),
    type: name("Only containers of this type.").optional(),
    ...limits,
  },
  { error: "must be a map of a container or type and its limits" },
);

/** `logging.quotas` of the file. */
export const quotasSchema = section(
  "What each container may write, so that one that floods harms itself alone. Logs of Waybill itself are exempt.",
  {
    ...limits,
    overrides: z
      .array(overrideSchema, { error: "must be a list of overrides" })
      .max(overridesMax, { error: `must name at most ${overridesMax} overrides` })
      .nullish()
      .meta({
        description: "Other limits for some containers. All that match apply, in order: a later one wins.",
      }),
  },
);

/** What one container may write. */
export interface QuotaConfig {
  /** Entries per second, 1 to 10000000. Undefined (default) = no limit. */
  readonly linesPerSecond: number | undefined;
  /** Bytes per second, 1024 to 2^40. Undefined (default) = no limit. */
  readonly bytesPerSecond: number | undefined;
  /** Seconds of the rate that may come at once after a pause, 0.1 to 3600. Default 5. */
  readonly burstSeconds: number;
}

/** Other limits for some containers; what is undefined matches everything, or stays as it is. */
export interface QuotaOverrideConfig {
  /** Pattern of container ids, for {@link matchesGlob}. */
  readonly container: string | undefined;
  readonly type: string | undefined;
  readonly linesPerSecond: number | undefined;
  readonly bytesPerSecond: number | undefined;
  readonly burstSeconds: number | undefined;
}

/** What every container may write, and what some may. Ask {@link effectiveQuota} for one. */
export interface QuotasConfig extends QuotaConfig {
  /** All that match apply, in order, so a later one wins. Default empty. */
  readonly overrides: readonly QuotaOverrideConfig[];
}

/** Fills in the defaults of `logging.quotas`. */
export function resolveQuotas(given: z.output<typeof quotasSchema>, report: ConfigReport): QuotasConfig {
  const file = given ?? {};
  const overrides = (file.overrides ?? []).map((override, index): QuotaOverrideConfig => {
    const { container, type, lines_per_second, bytes_per_second, burst_seconds } = override;
    const at = [...path, "overrides", index];
    if (container === undefined && type === undefined) {
      addIssue(report, at, "matches everything; name a container or type, or write the limits above");
    }
    if ([lines_per_second, bytes_per_second, burst_seconds].every((limit) => limit === undefined)) {
      addIssue(report, at, "changes nothing; give a limit, or remove it");
    }
    return {
      container,
      type,
      linesPerSecond: lines_per_second,
      bytesPerSecond: bytes_per_second,
      burstSeconds: burst_seconds,
    };
  });
  return {
    linesPerSecond: file.lines_per_second,
    bytesPerSecond: file.bytes_per_second,
    burstSeconds: file.burst_seconds ?? defaults.burst_seconds,
    overrides,
  };
}

/** What one container may write, with the overrides that match it. Pure. */
export function effectiveQuota(
  quotas: QuotasConfig,
  { containerId, type }: { readonly containerId: string; readonly type?: string | undefined },
): QuotaConfig {
  let { linesPerSecond, bytesPerSecond, burstSeconds } = quotas;
  for (const override of quotas.overrides) {
    if (override.container !== undefined && !matchesGlob(override.container, containerId)) continue;
    if (override.type !== undefined && override.type !== type) continue;
    linesPerSecond = override.linesPerSecond ?? linesPerSecond;
    bytesPerSecond = override.bytesPerSecond ?? bytesPerSecond;
    burstSeconds = override.burstSeconds ?? burstSeconds;
  }
  return { linesPerSecond, bytesPerSecond, burstSeconds };
}
