import type { z } from "zod";
import type { ConfigReport } from "../config-issue.ts";
import { defaults } from "../defaults.ts";
import { oneOf } from "../one-of.ts";
import { describePart } from "../pending.ts";
import { flag, quantity, quantityText, real, section } from "../schema-leaf.ts";

const interval = { min: 1, max: 604_800 };

/** `logging.maintenance` of the file. */
export const maintenanceSchema = section(
  describePart("logging.maintenance", "The periodic work on the log tree. Independent of async_writing."),
  {
    enabled: flag("Whether maintenance runs.", defaults.maintenance_enabled),
    interval_seconds: quantity("Seconds between two runs.", "seconds", {
      ...interval,
      default: defaults.maintenance_interval_seconds,
    }),
    interval: quantityText("interval_seconds", "seconds", interval),
    jitter_percent: real(
      "Each pause is longer or shorter by up to this share, so that many processes do not run at once.",
      { min: 0, max: 50, default: defaults.jitter_percent },
    ),
  },
);

/** The periodic work on the log tree. Independent of how entries are written. */
export interface MaintenanceConfig {
  /** Default true. */
  readonly enabled: boolean;
  /** Seconds between two runs, 1 to 604800. Default 3600. */
  readonly intervalSeconds: number;
  /** Percent by which a pause may be longer or shorter, 0 to 50. Default 10. */
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
