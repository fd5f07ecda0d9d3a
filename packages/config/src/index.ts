// For whoever runs a coordinator or checks a configuration.

export type { ConfigInput } from "./config-input.ts";
export type { ConfigIssue } from "./config-issue.ts";
// For package authors: what a coordinator asks a configuration, and what an editor needs.
export { effectiveLevel, type LevelSubject } from "./effective-level.ts";
export { configJsonSchema } from "./json-schema.ts";
export { loadConfig, type ParseConfigOptions, parseConfig, resolveConfig } from "./load-config.ts";
export type {
  ComponentConfig,
  ConfigResult,
  ContainerConfig,
  CoordinatorConfig,
  LoggingConfig,
  LogKind,
  LogLevelsConfig,
  MaintenanceConfig,
  MonitoringConfig,
  PerformanceConfig,
  RetentionPolicyConfig,
  WaybillConfig,
  WriteMode,
} from "./waybill-config.ts";
