// For whoever logs.

export type { ContainerMetrics } from "./container-context.ts";
export {
  type ContainerLogger,
  type ContainerLoggerOptions,
  createContainerLogger,
} from "./container-logger.ts";
export type { ContextArgument, MessageArgument } from "./log-arguments.ts";

// For whoever builds loggers: coordinators.

export {
  type CorrelationIndex,
  type CorrelationIndexOptions,
  createCorrelationIndex,
} from "./correlation-index.ts";
export { createOverview, type Overview, type OverviewOptions, overviewWriter } from "./overview.ts";
export {
  createFlightRecorder,
  type FlightRecorder,
  type FlightRecorderStatus,
} from "./recorder/flight-recorder.ts";
export type { RecordedTo } from "./recorder/recorded-entry.ts";
export type { RecordedLogger } from "./recorder/recorded-logger.ts";
export type { FlightRecorderOptions } from "./recorder/recorder-options.ts";

// Stages in front of a writer, which count what they leave out, and tell it.

export { type FoldMessagesOptions, foldMessages } from "./folding/fold-messages.ts";
export { type FoldRepeatsOptions, foldRepeats } from "./folding/fold-repeats.ts";
export {
  type ContainerQuota,
  type ContainerQuotaOptions,
  type ContainerQuotaPorts,
  type ContainerQuotaStatus,
  createContainerQuota,
} from "./quota/container-quota.ts";
export { limitWriter } from "./quota/limit-writer.ts";
export type { StageCounts, StageWriter } from "./telling-writer.ts";
