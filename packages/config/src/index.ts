export { type ChangedSetting, changedSettings } from "./changed-settings.ts";
// For whoever runs a coordinator or checks a configuration.

export type { ConfigInput } from "./config-input.ts";
export type { ConfigIssue } from "./config-issue.ts";
// For package authors: what a coordinator asks a configuration, and what an editor needs.
export { effectiveLevel, type LevelSubject } from "./effective-level.ts";
export type { Environment } from "./environment.ts";
export { formatSettings } from "./format-settings.ts";
export { matchesGlob } from "./glob.ts";
export { configJsonSchema } from "./json-schema.ts";
export {
  type LoadConfigOptions,
  loadConfig,
  type ParseConfigOptions,
  parseConfig,
  resolveConfig,
} from "./load-config.ts";
export type { FlightRecorderConfig } from "./sections/flight-recorder.ts";
export type { FoldingConfig } from "./sections/folding.ts";
export type { MaintenanceConfig } from "./sections/maintenance.ts";
export type { MonitoringConfig, WebhookConfig } from "./sections/monitoring.ts";
export type { PerformanceConfig, WriteMode } from "./sections/performance.ts";
export {
  effectiveQuota,
  type QuotaConfig,
  type QuotaOverrideConfig,
  type QuotasConfig,
} from "./sections/quotas.ts";
export type { RetentionOverrideConfig } from "./sections/retention-overrides.ts";
export type { DiskSpace, RetentionPolicyConfig, UnregisterAction } from "./sections/retention-policy.ts";
export type { ConfigSetting, SettingOrigin } from "./settings.ts";
export type { ConfigWatchStats } from "./watch/reloader.ts";
export { type ConfigWatch, type WatchConfigOptions, watchConfig } from "./watch/watch-config.ts";
export type {
  ComponentConfig,
  ConfigResult,
  ContainerConfig,
  CoordinatorConfig,
  LoggingConfig,
  LogKind,
  LogLevelsConfig,
  WaybillConfig,
} from "./waybill-config.ts";
