import type { LoggingConfig } from "@waybill/config";
import { type ContainerLogger, createContainerLogger, createCorrelationIndex } from "@waybill/logger";
import type { Clock, Level, Writer } from "@waybill/protocols";
import { createScopeDetector } from "@waybill/scope";
import type { TreeWriters } from "./tree-writers.ts";

/** Makes the logger of one component on its own writer, with all that the loggers of a tree share. */
export type LoggerFactory = (
  containerId: string,
  componentName: string,
  writer: Writer,
  level: Level,
) => ContainerLogger;

/** What {@link createLoggerFactory} works with. */
export interface LoggerFactoryPorts {
  readonly writers: TreeWriters;
  readonly clock: Clock;
  /** Told once per tier name that is not configured. */
  readonly onUnknownTier: (tier: string) => void;
}

/** The loggers of one tree share `master.log`, the index of correlations and the detection of scopes. */
export function createLoggerFactory(logging: LoggingConfig, ports: LoggerFactoryPorts): LoggerFactory {
  const { writers, clock, onUnknownTier } = ports;
  const summary = { writer: writers.ofMaster(), minLevel: logging.master.minLevel };
  const detector = createScopeDetector({ tiers: logging.tiers, onUnknownTier });
  const correlations = createCorrelationIndex({
    writerFor: (prefix) => writers.ofCorrelations(prefix),
    prefixesMax: logging.correlations.maxPrefixes,
  });
  return (containerId, componentName, writer, level) =>
    createContainerLogger({
      containerId,
      componentName,
      writer,
      level,
      summary,
      correlations,
      detector,
      clock,
    });
}
