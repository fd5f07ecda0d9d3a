import type { ContainerLogger } from "@waybill/logger";
import type { CorrelationAware, Loggable } from "@waybill/protocols";
import type { ContainerLogRegistry } from "./container-log-registry.ts";

/** Logs as a component that its registry knows from its first entry on: one that never logs leaves no trace. */
export function createLazyLoggable(
  registry: ContainerLogRegistry,
  componentName: string,
): Loggable & CorrelationAware {
  // Asked each time: the registry keeps one logger per component, and makes a new one after closing all.
  const logger = (): ContainerLogger => registry.createComponentLogger(componentName);
  return {
    log: (level, message, context) => logger().log(level, message, context),
    setCorrelationId: (correlationId) => logger().setCorrelationId(correlationId),
    getCorrelationId: () => logger().getCorrelationId(),
  };
}
