import {
  type Attached,
  type AttachMode,
  attachLogging,
  type LoggingMembersOf,
  type WithLogging,
} from "@waybill/capabilities";
import type { ContainerLogger } from "@waybill/logger";
import { processLogManager } from "./default-manager.ts";
import type { LogManager } from "./log-manager.ts";

/** Options of {@link addLoggingToAnyComponent}. */
export interface AddLoggingOptions {
  /** Whose tree is logged to. Default: that of the open coordinator, else a default manager on `./logs`. */
  readonly manager?: LogManager;
  /** See `attachLogging` of `@waybill/capabilities`. Default `proxy`. */
  readonly mode?: AttachMode;
}

/** A component with `logInfo, logDebug, logWarning, logError, logCritical, log` and the correlation methods. */
export type WithContainerLogging<T extends object> = Attached<
  T,
  LoggingMembersOf<ContainerLogger> & WithLogging<ContainerLogger>
>;

/**
 * Lets any object or function log into the files of a container: own classes, third-party instances, plain functions,
 * frozen objects. Registers the container if need be.
 *
 * @returns the component with the added members; use it in place of the component.
 * @throws {TypeError} for a component that cannot carry members.
 * @throws {WaybillError} as `LogManager.registerContainer`.
 * @example
 * const strategy = addLoggingToAnyComponent(new MyStrategy(), "container_001", "my_strategy");
 * strategy.logInfo("Generating signal", { signal_strength: 0.8 });
 */
export function addLoggingToAnyComponent<T extends object>(
  component: T,
  containerId: string,
  componentName: string,
  options: AddLoggingOptions = {},
): WithContainerLogging<T> {
  const { manager = processLogManager(), mode = "proxy" } = options;
  const logger = manager.registerContainer(containerId).createComponentLogger(componentName);
  return attachLogging(component, logger, { mode });
}
