import { defaultTiers } from "@waybill/protocols";

/**
 * The one place of every default. Keys as in the file, units as in their names.
 *
 * The flush interval is 0.05 s, not the 5 s that batch writers commonly take, because it is what SIGKILL may lose.
 */
export const defaults = {
  coordinator_id: "coordinator",
  log_dir: "./logs",
  max_age_days: 30,
  archive_after_days: 7,
  max_total_size_gb: 10,
  compression_enabled: true,
  level: "INFO",
  batch_size: 1000,
  flush_interval_seconds: 0.05,
  max_file_size_mb: 100,
  enable_compression: true,
  queue_limit_mb: 4,
  disk_usage_alert_threshold_gb: 8,
  error_rate_alert_threshold: 10,
  performance_metrics_enabled: true,
  maintenance_enabled: true,
  maintenance_interval_seconds: 3600,
  max_prefixes: 16,
  tiers: defaultTiers,
} as const;
