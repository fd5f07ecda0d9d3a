import type { z } from "zod";
import type { ConfigReport } from "../config-issue.ts";
import { defaults } from "../defaults.ts";
import { oneOf } from "../one-of.ts";
import { flag, quantity, quantityText, real, section } from "../schema-leaf.ts";

const interval = { min: 1, max: 604_800 };

/** `logging.maintenance` of the file. */
export const maintenanceSchema = section(
  "The work on the log tree: seals, archives and deletes by retention_policy, and keeps its limits. Runs at each interval, soon after a file is sealed, and at once when room is needed. Independent of async_writing.",
  {
    enabled: flag(
      "Whether maintenance runs by itself. Without it nothing is archived or deleted, and no limit of retention_policy is kept, max_total_size_gb neither.",
      defaults.maintenance_enabled,
    ),
    interval_seconds: quantity("Seconds between two runs that nothing else asks for.", "seconds", {
      ...interval,
      default: defaults.maintenance_interval_seconds,
    }),
    interval: quantityText("interval_seconds", "seconds", interval),
    jitter_percent: real(
      "Each pause is shorter by up to this share, by chance, so that many processes do not run at once.",
      { min: 0, max: 50, default: defaults.jitter_percent },
    ),
  },
);

/** The work on the log tree that keeps its retention policy. Independent of how entries are written. */
export interface MaintenanceConfig {
  /** Default true. Without it nothing is archived or deleted by itself, and no limit is kept. */
  readonly enabled: boolean;
  /** Seconds between two runs that nothing else asks for, 1 to 604800. Default 3600. */
  readonly intervalSeconds: number;
  /** Percent by which a pause may be shorter, 0 to 50. Default 10. */
  readonly jitterPercent: number;
}

/** Fills in the defaults of `logging.maintenance`. */
export function resolveMaintenance(
  given: z.output<typeof maintenanceSchema>,
  report: ConfigReport,
): MaintenanceConfig {
  const { enabled, interval_seconds, interval: intervalText, jitter_percent } = given ?? {};
  return {
    enabled: enabled ?? defaults.maintenance_enabled,
    intervalSeconds:
      oneOf(report, ["logging", "maintenance"], { interval_seconds, interval: intervalText }) ??
      defaults.maintenance_interval_seconds,
    jitterPercent: jitter_percent ?? defaults.jitter_percent,
  };
}
