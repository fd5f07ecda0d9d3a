import {
  type Attached,
  type AttachMode,
  attachLogging,
  type LoggingMembersOf,
  type WithLogging,
} from "@waybill/capabilities";
import type { ContainerLogger } from "@waybill/logger";
import type { CorrelationAware, LogContext, Loggable } from "@waybill/protocols";
import { processLogManager } from "./default-manager.ts";
import type { LogManager } from "./log-manager.ts";
import { getProcessLogManager } from "./process-managers.ts";

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
  LoggingMembersOf<ComponentLoggable> & WithLogging<ComponentLoggable>
>;

/** What a component logs through. */
export type ComponentLoggable = Loggable & CorrelationAware;

/**
 * Lets any object or function log into the files of a container: own classes, third-party instances, plain functions,
 * frozen objects. Registers the container if need be, at the latest when it logs; what then fails is counted in
 * `loggingOf(component).failures` and never reaches the caller.
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
  const { mode = "proxy" } = options;
  // Asked at each call: two map look-ups, and logging goes on after `closeAllLoggers` or under another manager.
  const logger = (): ContainerLogger =>
    (options.manager ?? processLogManager())
      .registerContainer(containerId)
      .createComponentLogger(componentName);
  // Without a manager, a component is often wrapped before the coordinator opens: the default one is opened only when
  // something is logged by then.
  if ((options.manager ?? getProcessLogManager()) !== undefined) logger();
  return attachLogging(component, loggableBy(logger), { mode });
}

function loggableBy(logger: () => ContainerLogger): ComponentLoggable {
  return {
    log: (level: string, message: string, context?: LogContext) => logger().log(level, message, context),
    setCorrelationId: (correlationId: string) => logger().setCorrelationId(correlationId),
    getCorrelationId: () => logger().getCorrelationId(),
  };
}
