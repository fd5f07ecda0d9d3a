// Measuring, watching, showing.

export type { Activity, ActivityLog } from "./dashboard/activity-log.ts";
export { createActivityLog } from "./dashboard/activity-log.ts";
export { type Health, type HealthStatus, healthOf } from "./dashboard/health.ts";
export {
  type ContainerBreakdown,
  createLoggingDashboard,
  type DashboardErrors,
  type LoggingDashboard,
  type LoggingDashboardOptions,
  type PerformanceMeasured,
  type RealTimeMetrics,
} from "./dashboard/logging-dashboard.ts";
export { createPerformanceLog, performanceFields } from "./dashboard/performance-log.ts";
export { createMonitor, type Monitor } from "./monitor.ts";
export type { MonitorChanges, MonitorOptions, MonitorPorts } from "./monitor-options.ts";
export type {
  ContainerGauges,
  DiskGauges,
  EntryGauges,
  LatencyGauges,
  MonitorSnapshot,
  MonitorStats,
  WriterGauges,
} from "./snapshot.ts";
export type {
  LifecycleTotals,
  MonitorSources,
  Source,
  SourceName,
  Unmeasured,
  WriterTotals,
} from "./sources.ts";

// Alerts: rules, and who is told.

export { type AlertEvent, alertEventFields } from "./alerts/alert-event.ts";
export type { AlertReading, AlertRule, AlertSeverity, AlertThreshold } from "./alerts/alert-rule.ts";
export { type AlertRules, type AlertRulesOptions, createAlertRules } from "./alerts/alert-rules.ts";
export type { AlertChange } from "./alerts/alert-state.ts";
export {
  type StandardRuleOptions,
  type StandardThresholds,
  standardAlertRules,
} from "./alerts/standard-alert-rules.ts";
export type { AlertReceiver } from "./receivers/alert-receiver.ts";
export {
  type CallbackReceiverOptions,
  type CallbackReceiverStats,
  createCallbackReceiver,
} from "./receivers/callback-receiver.ts";
export { createLogReceiver } from "./receivers/log-receiver.ts";
export type { WebhookOptions } from "./receivers/webhook/webhook-options.ts";
export {
  createWebhookReceiver,
  type WebhookPorts,
  type WebhookReceiver,
  type WebhookStats,
} from "./receivers/webhook/webhook-receiver.ts";

// Gauges, for whoever fills the sources.

export { createCountingWriter, type EntryCounting } from "./gauges/counting-writer.ts";
export { type DescriptorUsage, readDescriptors } from "./gauges/descriptors.ts";
export { type DeviceSpace, readDeviceSpace } from "./gauges/device-space.ts";
export {
  type ContainerEntries,
  createEntryCounters,
  type EntryCounters,
  type EntryCountersOptions,
  type EntryTally,
  type EntryTotals,
} from "./gauges/entry-counters.ts";
export {
  createErrorDigest,
  type ErrorDigest,
  type ErrorSummary,
  type ErrorTrend,
} from "./gauges/error-digest.ts";
export {
  createEventLoopGauge,
  type EventLoopGauge,
  type EventLoopGaugeOptions,
  type EventLoopReading,
} from "./gauges/event-loop-gauge.ts";
export {
  createForecast,
  type Forecast,
  type Forecaster,
  type ForecastLimit,
  type ForecastOptions,
  firstForecast,
  formatForecast,
} from "./gauges/forecast.ts";
export { formatBytes, formatDuration } from "./gauges/format-quantity.ts";
export {
  countedBetween,
  countUpTo,
  createLatencyHistogram,
  type HistogramSnapshot,
  type LatencyHistogram,
  quantileErrorMax,
  quantileOf,
} from "./gauges/latency-histogram.ts";
export type { LevelCounts } from "./gauges/level-counts.ts";
export { createTreeGauges, type DiskLimits, type TreeGauges } from "./gauges/tree-gauges.ts";
export { type ContainerUsage, type TreeUsage, treeUsageOf } from "./gauges/tree-usage.ts";
