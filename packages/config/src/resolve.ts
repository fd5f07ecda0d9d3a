import { normalize } from "node:path";
import type { Tier } from "@waybill/protocols";
import { addIssue, addWarning, type ConfigReport } from "./config-issue.ts";
import { expandContainers } from "./containers.ts";
import { defaults } from "./defaults.ts";
import { freezeDeep } from "./freeze.ts";
import type { CheckedConfig } from "./schema.ts";
import { resolveFlightRecorder } from "./sections/flight-recorder.ts";
import { resolveFolding } from "./sections/folding.ts";
import { resolveMaintenance } from "./sections/maintenance.ts";
import { resolveMonitoring } from "./sections/monitoring.ts";
import { resolvePerformance } from "./sections/performance.ts";
import { resolveQuotas } from "./sections/quotas.ts";
import { resolveRetentionPolicy } from "./sections/retention-policy.ts";
import type { CoordinatorConfig, LoggingConfig, LogLevelsConfig, WaybillConfig } from "./waybill-config.ts";

/** A part of the file that stands under a key; absent parts and empty keys are `{}`. */
type Part<Of> = Partial<NonNullable<Of>>;
type FileLogging = Part<CheckedConfig["logging"]>;

function resolveCoordinator(file: CheckedConfig, report: ConfigReport): CoordinatorConfig {
  const nested = file.coordinator ?? {};
  for (const key of ["coordinator_id", "log_dir"] as const) {
    const differs = nested[key] !== undefined && file[key] !== undefined && nested[key] !== file[key];
    if (differs)
      addIssue(report, [key], `contradicts coordinator.${key}, which says the same; keep coordinator.${key}`);
  }
  const logDir = nested.log_dir ?? file.log_dir ?? defaults.log_dir;
  if (normalize(logDir).replace(/[/\\]$/, "") === ".") {
    const path = nested.log_dir === undefined ? ["log_dir"] : ["coordinator", "log_dir"];
    addWarning(
      report,
      path,
      `is the working directory, so containers/, system/ and the other folders of the log tree stand among its files; give the tree a directory of its own, such as ${defaults.log_dir}`,
    );
  }
  return {
    coordinatorId: nested.coordinator_id ?? file.coordinator_id ?? defaults.coordinator_id,
    logDir,
  };
}

function resolveLogLevels(levels: Part<FileLogging["log_levels"]>): LogLevelsConfig {
  const byDefault = levels.default ?? defaults.level;
  return {
    system: levels.system ?? byDefault,
    containers: levels.containers ?? byDefault,
    eventFlows: levels.event_flows ?? byDefault,
    lifecycleManagement: levels.lifecycle_management ?? byDefault,
    default: byDefault,
  };
}

function resolveTiers(given: readonly string[] | undefined, report: ConfigReport): readonly Tier[] {
  const tiers = given ?? defaults.tiers;
  for (const [index, tier] of tiers.entries()) {
    if (tiers.indexOf(tier) < index)
      addIssue(report, ["logging", "tiers", index], `is named twice: "${tier}"; keep one`);
  }
  return [...tiers];
}

function resolveLogging(logging: FileLogging, report: ConfigReport): LoggingConfig {
  const tiers = resolveTiers(logging.tiers, report);
  const retentionPolicy = resolveRetentionPolicy(logging.retention_policy, tiers, report);
  return {
    retentionPolicy,
    logLevels: resolveLogLevels(logging.log_levels ?? {}),
    levelsByType: Object.assign(Object.create(null), logging.levels_by_type),
    performance: resolvePerformance(logging.performance, report),
    monitoring: resolveMonitoring(logging.monitoring, retentionPolicy.maxTotalSizeGb, report),
    maintenance: resolveMaintenance(logging.maintenance, report),
    flightRecorder: resolveFlightRecorder(logging.flight_recorder, report),
    quotas: resolveQuotas(logging.quotas, report),
    folding: resolveFolding(logging.folding, report),
    master: {
      minLevel: logging.master?.min_level ?? defaults.level,
      maxEntriesPerSecond: logging.master?.max_entries_per_second ?? defaults.max_entries_per_second,
    },
    correlations: { maxPrefixes: logging.correlations?.max_prefixes ?? defaults.max_prefixes },
    tiers,
  };
}

/** Fills in every default, and reports what contradicts itself; meaningful only when the report has no issue then. */
export function resolveDefaults(file: CheckedConfig, report: ConfigReport): WaybillConfig {
  return freezeDeep({
    coordinator: resolveCoordinator(file, report),
    logging: resolveLogging(file.logging ?? {}, report),
    containers: expandContainers(file.containers ?? {}, report),
  });
}
