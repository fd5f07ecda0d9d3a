import { addIssue, addWarning, type ConfigPath, type ConfigReport } from "./config-issue.ts";
import { expandContainers } from "./containers.ts";
import { defaults } from "./defaults.ts";
import { freezeDeep } from "./freeze.ts";
import type { CheckedConfig } from "./schema.ts";
import type {
  CoordinatorConfig,
  LoggingConfig,
  LogLevelsConfig,
  MonitoringConfig,
  PerformanceConfig,
  RetentionPolicyConfig,
  WaybillConfig,
} from "./waybill-config.ts";

/** A part of the file that stands under a key; absent parts and empty keys are `{}`. */
type Part<Of> = Partial<NonNullable<Of>>;
type FileLogging = Part<CheckedConfig["logging"]>;

/**
 * Takes a value that may be given under several keys.
 *
 * @returns the first that is given; two that differ are an issue at the second.
 */
function oneOf<Value>(
  report: ConfigReport,
  parent: ConfigPath,
  candidates: Readonly<Record<string, Value | undefined>>,
): Value | undefined {
  const [first, ...others] = Object.entries(candidates).filter(([, value]) => value !== undefined);
  if (first === undefined) return undefined;
  for (const [key, value] of others) {
    if (value !== first[1])
      addIssue(report, [...parent, key], `contradicts ${first[0]}, which says the same; keep one`);
  }
  return first[1];
}

function resolveCoordinator(file: CheckedConfig, report: ConfigReport): CoordinatorConfig {
  const nested = file.coordinator ?? {};
  for (const key of ["coordinator_id", "log_dir"] as const) {
    const differs = nested[key] !== undefined && file[key] !== undefined && nested[key] !== file[key];
    if (differs)
      addIssue(report, [key], `contradicts coordinator.${key}, which says the same; keep coordinator.${key}`);
  }
  return {
    coordinatorId: nested.coordinator_id ?? file.coordinator_id ?? defaults.coordinator_id,
    logDir: nested.log_dir ?? file.log_dir ?? defaults.log_dir,
  };
}

function resolveRetentionPolicy(
  policy: Part<FileLogging["retention_policy"]>,
  report: ConfigReport,
): RetentionPolicyConfig {
  const path = ["logging", "retention_policy"];
  const { max_age_days, max_age, archive_after_days, archive_after } = policy;
  const { max_total_size_gb, max_total_size, max_size_gb } = policy;
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
  return {
    maxAgeDays,
    archiveAfterDays: archive ?? Math.min(defaults.archive_after_days, maxAgeDays),
    maxTotalSizeGb:
      oneOf(report, path, { max_total_size_gb, max_total_size, max_size_gb }) ?? defaults.max_total_size_gb,
    compressionEnabled: policy.compression_enabled ?? defaults.compression_enabled,
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

function resolvePerformance(
  performance: Part<FileLogging["performance"]>,
  report: ConfigReport,
): PerformanceConfig {
  const path = ["logging", "performance"];
  const { async_writing, mode: givenMode } = performance;
  const {
    flush_interval_seconds,
    flush_interval,
    max_file_size_mb,
    max_file_size,
    queue_limit_mb,
    queue_limit,
  } = performance;
  const mode = givenMode ?? (async_writing === false ? "sync" : "batched");
  if (async_writing !== undefined && async_writing !== (mode !== "sync")) {
    addIssue(
      report,
      [...path, "mode"],
      `contradicts async_writing: ${async_writing}; keep mode and remove async_writing, is "${mode}"`,
    );
  }
  return {
    asyncWriting: mode !== "sync",
    mode,
    batchSize: performance.batch_size ?? defaults.batch_size,
    flushIntervalSeconds:
      oneOf(report, path, { flush_interval_seconds, flush_interval }) ?? defaults.flush_interval_seconds,
    maxFileSizeMb: oneOf(report, path, { max_file_size_mb, max_file_size }) ?? defaults.max_file_size_mb,
    enableCompression: performance.enable_compression ?? defaults.enable_compression,
    queueLimitMb: oneOf(report, path, { queue_limit_mb, queue_limit }) ?? defaults.queue_limit_mb,
  };
}

function resolveMonitoring(
  monitoring: Part<FileLogging["monitoring"]>,
  maxTotalSizeGb: number,
  report: ConfigReport,
): MonitoringConfig {
  const path = ["logging", "monitoring"];
  const { disk_usage_alert_threshold_gb, disk_usage_alert_threshold } = monitoring;
  const threshold = oneOf(report, path, { disk_usage_alert_threshold_gb, disk_usage_alert_threshold });
  if (threshold !== undefined && threshold > maxTotalSizeGb) {
    const key =
      disk_usage_alert_threshold_gb === undefined
        ? "disk_usage_alert_threshold"
        : "disk_usage_alert_threshold_gb";
    addWarning(
      report,
      [...path, key],
      `lies above max_total_size_gb (${maxTotalSizeGb}), so the alert comes too late; lower it`,
    );
  }
  return {
    diskUsageAlertThresholdGb:
      threshold ?? Math.min(defaults.disk_usage_alert_threshold_gb, 0.8 * maxTotalSizeGb),
    errorRateAlertThreshold: monitoring.error_rate_alert_threshold ?? defaults.error_rate_alert_threshold,
    performanceMetricsEnabled: monitoring.performance_metrics_enabled ?? defaults.performance_metrics_enabled,
  };
}

function resolveLogging(logging: FileLogging, report: ConfigReport): LoggingConfig {
  const retentionPolicy = resolveRetentionPolicy(logging.retention_policy ?? {}, report);
  const { enabled, interval_seconds, interval } = logging.maintenance ?? {};
  const tiers = logging.tiers ?? defaults.tiers;
  for (const [index, tier] of tiers.entries()) {
    if (tiers.indexOf(tier) < index)
      addIssue(report, ["logging", "tiers", index], `is named twice: "${tier}"; keep one`);
  }
  return {
    retentionPolicy,
    logLevels: resolveLogLevels(logging.log_levels ?? {}),
    levelsByType: Object.assign(Object.create(null), logging.levels_by_type),
    performance: resolvePerformance(logging.performance ?? {}, report),
    monitoring: resolveMonitoring(logging.monitoring ?? {}, retentionPolicy.maxTotalSizeGb, report),
    maintenance: {
      enabled: enabled ?? defaults.maintenance_enabled,
      intervalSeconds:
        oneOf(report, ["logging", "maintenance"], { interval_seconds, interval }) ??
        defaults.maintenance_interval_seconds,
    },
    master: { minLevel: logging.master?.min_level ?? defaults.level },
    correlations: { maxPrefixes: logging.correlations?.max_prefixes ?? defaults.max_prefixes },
    tiers: [...tiers],
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
