// For the owner of a system of containers.
export {
  type AddLoggingOptions,
  addLoggingToAnyComponent,
  type WithContainerLogging,
} from "./add-logging.ts";
export type {
  ContainerFactories,
  ContainerFactory,
  ContainerOf,
  ContainerServices,
  ContainerSpec,
  LoggedContainer,
} from "./container-factory.ts";
// For dashboards and tools.
export type { ContainerState } from "./container-life.ts";
export type { ContainerLogRegistry, ContainerRegistration, RegistryStats } from "./container-log-registry.ts";
export { type FollowConfigOptions, followConfig } from "./live/follow-config.ts";
export type { SetLevelOptions } from "./live/level-book.ts";
export type { AppliedConfig } from "./live/live-settings.ts";
export {
  type LogMaintenance,
  type LogManager,
  type LogManagerOptions,
  openLogManager,
} from "./log-manager.ts";
export type { ContainerFiles, LogSummary } from "./log-summary.ts";
export type { EntryStagesStatus } from "./logger-factory.ts";
export type { MaintenanceReport } from "./maintenance/maintenance-report.ts";
export type { MaintenanceTotals } from "./maintenance/tree-maintenance.ts";
export type { TreeMonitor } from "./monitoring/tree-monitor.ts";
export { getProcessLogManager, setProcessLogManager } from "./process-managers.ts";
export type { ContainerStatus, SystemStatus } from "./system-status.ts";
export {
  type CoordinatorOptions,
  openCoordinator,
  type WorkflowCoordinator,
} from "./workflow-coordinator.ts";
