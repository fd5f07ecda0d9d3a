import { z } from "zod";
import { addIssue, addWarning, type ConfigReport } from "../config-issue.ts";
import { defaults } from "../defaults.ts";
import { oneOf } from "../one-of.ts";
import { flag, integer, quantity, quantityText, real, section } from "../schema-leaf.ts";

const treeSize = { min: 0.001, max: 1_048_576 };
const perMinute = { min: 0.001, max: 1_000_000 };
const delay = { min: 0.001, max: 3600 };
const untilFull = { min: 0.001, max: 365 };
const cooldown = { min: 0, max: 604_800 };
const interval = { min: 1, max: 3600 };
const timeout = { min: 0.1, max: 60 };
const path = ["logging", "monitoring"];

const urlError =
  'must be an address that begins with "http://" or "https://", of at most 2048 characters, without user and password';

function isWebAddress(text: string): boolean {
  if (text.length > 2048 || !URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === "" && password === "";
}

const webhookSchema = section("Where alerts are posted as JSON. Off without a url.", {
  url: z.string({ error: urlError }).refine(isWebAddress, { error: urlError }).optional().meta({
    description: "Address that takes each alert as POST of JSON.",
    pattern: "^[hH][tT][tT][pP][sS]?:",
  }),
  timeout_seconds: quantity("Seconds that one attempt may take.", "seconds", {
    ...timeout,
    default: defaults.webhook_timeout_seconds,
  }),
  timeout: quantityText("timeout_seconds", "seconds", timeout),
  retries_max: integer(
    "Further attempts after the first has failed; then the alert is given up and counted.",
    {
      min: 0,
      max: 10,
      default: defaults.webhook_retries_max,
    },
  ),
});

/** `logging.monitoring` of the file. */
export const monitoringSchema = section("When operations are told.", {
  disk_usage_alert_threshold_gb: quantity(
    "GB of the log tree above which the disk alert is raised and maintenance makes room; at 95 % of max_total_size_gb it does in any case. Default: 8, at most 80 % of max_total_size_gb.",
    "gb",
    treeSize,
  ),
  disk_usage_alert_threshold: quantityText("disk_usage_alert_threshold_gb", "gb", treeSize),
  disk_usage_target_gb: quantity(
    "GB down to which maintenance then makes room. Default: 90 % of disk_usage_alert_threshold_gb.",
    "gb",
    treeSize,
  ),
  disk_usage_target: quantityText("disk_usage_target_gb", "gb", treeSize),
  error_rate_alert_threshold: real("Errors per minute above which the error alert is raised.", {
    ...perMinute,
    default: defaults.error_rate_alert_threshold,
  }),
  container_error_rate_alert_threshold: real(
    "The same for each container by itself. Default: containers are not watched one by one.",
    perMinute,
  ),
  dropped_entries_alert_threshold: real(
    "Entries lost per minute, in all, above which an alert is raised; 0 tells of the first.",
    { min: 0, max: perMinute.max, default: defaults.dropped_entries_alert_threshold },
  ),
  write_latency_alert_threshold_seconds: quantity(
    "Seconds from entry to disk (99th percentile) above which an alert is raised. Default: no such alert.",
    "seconds",
    delay,
  ),
  write_latency_alert_threshold: quantityText("write_latency_alert_threshold_seconds", "seconds", delay),
  event_loop_delay_alert_threshold_seconds: quantity(
    "Seconds of the longest stall of the event loop between two looks above which an alert is raised. Default: no such alert.",
    "seconds",
    delay,
  ),
  event_loop_delay_alert_threshold: quantityText(
    "event_loop_delay_alert_threshold_seconds",
    "seconds",
    delay,
  ),
  time_to_full_alert_threshold_days: quantity(
    "Days until the disk is full, by forecast, below which an alert is raised. Default: no such alert.",
    "days",
    untilFull,
  ),
  time_to_full_alert_threshold: quantityText("time_to_full_alert_threshold_days", "days", untilFull),
  alert_clear_percent: real("An alert ends when the value is back at this share of its threshold.", {
    min: 1,
    max: 100,
    default: defaults.alert_clear_percent,
  }),
  alert_cooldown_seconds: quantity("Seconds until the same alert may be told again.", "seconds", {
    ...cooldown,
    default: defaults.alert_cooldown_seconds,
  }),
  alert_cooldown: quantityText("alert_cooldown_seconds", "seconds", cooldown),
  interval_seconds: quantity("Seconds between two looks at the values.", "seconds", {
    ...interval,
    default: defaults.monitoring_interval_seconds,
  }),
  interval: quantityText("interval_seconds", "seconds", interval),
  performance_metrics_enabled: flag(
    "Whether system/performance_metrics.log is written.",
    defaults.performance_metrics_enabled,
  ),
  performance_metrics_interval_seconds: quantity("Seconds between two lines of it.", "seconds", {
    ...interval,
    default: defaults.performance_metrics_interval_seconds,
  }),
  performance_metrics_interval: quantityText("performance_metrics_interval_seconds", "seconds", interval),
  webhook: webhookSchema,
});

/** Where alerts are posted. */
export interface WebhookConfig {
  /** `http` or `https`. Undefined (default) = none is posted. */
  readonly url: string | undefined;
  /** Seconds that one attempt may take, 0.1 to 60. Default 5. */
  readonly timeoutSeconds: number;
  /** Further attempts after the first has failed, 0 to 10. Default 3. */
  readonly retriesMax: number;
}

/** When operations are told. An undefined threshold raises no alert. */
export interface MonitoringConfig {
  /**
   * GiB of the log tree above which the disk alert is raised and room is made, 0.001 to 1048576. Default 8, at most 80 % of
   * `maxTotalSizeGb`.
   */
  readonly diskUsageAlertThresholdGb: number;
  /** GiB down to which room is made, at most the threshold. Default 90 % of it. */
  readonly diskUsageTargetGb: number;
  /** Errors per minute above which the error alert is raised, 0.001 to 1000000. Default 10. */
  readonly errorRateAlertThreshold: number;
  /** The same for each container by itself. Default undefined. */
  readonly containerErrorRateAlertThreshold: number | undefined;
  /** Entries lost per minute above which an alert is raised, 0 to 1000000. Default 0: the first is told. */
  readonly droppedEntriesAlertThreshold: number;
  /** Seconds from entry to disk, 99th percentile, 0.001 to 3600. Default undefined. */
  readonly writeLatencyAlertThresholdSeconds: number | undefined;
  /** Seconds of the longest stall of the event loop between two looks, 0.001 to 3600. Default undefined. */
  readonly eventLoopDelayAlertThresholdSeconds: number | undefined;
  /** Days until the disk is full below which an alert is raised, 0.001 to 365. Default undefined. */
  readonly timeToFullAlertThresholdDays: number | undefined;
  /** Percent of its threshold at which an alert ends, 1 to 100. Default 90. */
  readonly alertClearPercent: number;
  /** Seconds until the same alert may be told again, 0 to 604800. Default 900. */
  readonly alertCooldownSeconds: number;
  /** Seconds between two looks at the values, 1 to 3600. Default 10. */
  readonly intervalSeconds: number;
  /** Whether the coordinator writes `system/performance_metrics.log`. Default true. */
  readonly performanceMetricsEnabled: boolean;
  /** Seconds between two lines of it, 1 to 3600. Default 60. */
  readonly performanceMetricsIntervalSeconds: number;
  readonly webhook: WebhookConfig;
}

type FileMonitoring = NonNullable<z.output<typeof monitoringSchema>>;

function resolveDiskUsage(file: FileMonitoring, maxTotalSizeGb: number, report: ConfigReport) {
  const { disk_usage_alert_threshold_gb, disk_usage_alert_threshold } = file;
  const { disk_usage_target_gb, disk_usage_target } = file;
  const given = oneOf(report, path, { disk_usage_alert_threshold_gb, disk_usage_alert_threshold });
  if (given !== undefined && given > maxTotalSizeGb) {
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
  const threshold = given ?? Math.min(defaults.disk_usage_alert_threshold_gb, 0.8 * maxTotalSizeGb);
  const target = oneOf(report, path, { disk_usage_target_gb, disk_usage_target });
  if (target !== undefined && target > threshold) {
    const key = disk_usage_target_gb === undefined ? "disk_usage_target" : "disk_usage_target_gb";
    addIssue(
      report,
      [...path, key],
      `must be at most disk_usage_alert_threshold_gb (${threshold}), or the alert would never end, is ${target}`,
    );
  }
  return {
    diskUsageAlertThresholdGb: threshold,
    diskUsageTargetGb: target ?? defaults.disk_usage_target_share * threshold,
  };
}

function resolveDelays(file: FileMonitoring, report: ConfigReport) {
  const { write_latency_alert_threshold_seconds, write_latency_alert_threshold } = file;
  const { event_loop_delay_alert_threshold_seconds, event_loop_delay_alert_threshold } = file;
  const { time_to_full_alert_threshold_days, time_to_full_alert_threshold } = file;
  return {
    writeLatencyAlertThresholdSeconds: oneOf(report, path, {
      write_latency_alert_threshold_seconds,
      write_latency_alert_threshold,
    }),
    eventLoopDelayAlertThresholdSeconds: oneOf(report, path, {
      event_loop_delay_alert_threshold_seconds,
      event_loop_delay_alert_threshold,
    }),
    timeToFullAlertThresholdDays: oneOf(report, path, {
      time_to_full_alert_threshold_days,
      time_to_full_alert_threshold,
    }),
  };
}

/** Fills in the defaults of `logging.monitoring`. */
export function resolveMonitoring(
  given: z.output<typeof monitoringSchema>,
  maxTotalSizeGb: number,
  report: ConfigReport,
): MonitoringConfig {
  const file = given ?? {};
  const { alert_cooldown_seconds, alert_cooldown, interval_seconds, interval: intervalText } = file;
  const { performance_metrics_interval_seconds, performance_metrics_interval } = file;
  const { url, timeout_seconds, timeout: timeoutText, retries_max } = file.webhook ?? {};
  return {
    ...resolveDiskUsage(file, maxTotalSizeGb, report),
    errorRateAlertThreshold: file.error_rate_alert_threshold ?? defaults.error_rate_alert_threshold,
    containerErrorRateAlertThreshold: file.container_error_rate_alert_threshold,
    droppedEntriesAlertThreshold:
      file.dropped_entries_alert_threshold ?? defaults.dropped_entries_alert_threshold,
    ...resolveDelays(file, report),
    alertClearPercent: file.alert_clear_percent ?? defaults.alert_clear_percent,
    alertCooldownSeconds:
      oneOf(report, path, { alert_cooldown_seconds, alert_cooldown }) ?? defaults.alert_cooldown_seconds,
    intervalSeconds:
      oneOf(report, path, { interval_seconds, interval: intervalText }) ??
      defaults.monitoring_interval_seconds,
    performanceMetricsEnabled: file.performance_metrics_enabled ?? defaults.performance_metrics_enabled,
    performanceMetricsIntervalSeconds:
      oneOf(report, path, { performance_metrics_interval_seconds, performance_metrics_interval }) ??
      defaults.performance_metrics_interval_seconds,
    webhook: {
      url,
      timeoutSeconds:
        oneOf(report, [...path, "webhook"], { timeout_seconds, timeout: timeoutText }) ??
        defaults.webhook_timeout_seconds,
      retriesMax: retries_max ?? defaults.webhook_retries_max,
    },
  };
}
