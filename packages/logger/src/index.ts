// For whoever logs.

// For whoever builds loggers: coordinators.
export type { ContainerMetrics } from "./container-context.ts";
export {
  type ContainerLogger,
  type ContainerLoggerOptions,
  createContainerLogger,
} from "./container-logger.ts";
export {
  type CorrelationIndex,
  type CorrelationIndexOptions,
  createCorrelationIndex,
} from "./correlation-index.ts";
export type { ContextArgument, MessageArgument } from "./log-arguments.ts";
