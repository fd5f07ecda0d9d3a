import {
  type CorrelationAware,
  isCorrelationAware,
  isLoggable,
  type LogContext,
  type Loggable,
} from "@waybill/protocols";
import { type AttachMode, attach, parseMode, requireComponent } from "./attach.ts";
import type { Attached } from "./attached.ts";
import { handleOf } from "./attachment.ts";
import { createFailureGuard } from "./failure-guard.ts";
import { loggingKey } from "./keys.ts";

/** What a component can do once logging is attached. None of these ever throws. */
export interface LoggingMembers {
  logDebug(message: string, context?: LogContext): void;
  logInfo(message: string, context?: LogContext): void;
  logWarning(message: string, context?: LogContext): void;
  logError(message: string, context?: LogContext): void;
  logCritical(message: string, context?: LogContext): void;
  /** @param level - handed to the loggable as it is. */
  log(level: string, message: string, context?: LogContext): void;
}

/** The logging members, with the correlation methods when the loggable has them. */
export type LoggingMembersOf<L extends Loggable> = LoggingMembers &
  (L extends CorrelationAware ? CorrelationAware : unknown);

/** The logging of one component, whatever its own members are called. */
export type LoggingHandle<L extends Loggable = Loggable> = LoggingMembersOf<L> & {
  /** Entries that the loggable failed to take, by a throw or a rejected promise. */
  readonly failures: number;
};

/** Says that logging is attached, and with which members. */
export interface WithLogging<L extends Loggable = Loggable> {
  readonly [loggingKey]: LoggingHandle<L>;
}

/** Options of {@link attachLogging}. */
export interface LoggingOptions {
  /** See {@link AttachMode}. Default `proxy`. */
  readonly mode?: AttachMode;
}

const correlationNames = ["setCorrelationId", "getCorrelationId"] as const;
const levelNames = ["logDebug", "logInfo", "logWarning", "logError", "logCritical", "log"] as const;

function createLoggingHandle(loggable: Loggable): LoggingHandle {
  const guard = createFailureGuard();
  const log = (level: string, message: string, context?: LogContext): void => {
    guard.run(() => loggable.log(level, message, context));
  };
  const handle: LoggingHandle = {
    logDebug: (message, context) => log("DEBUG", message, context),
    logInfo: (message, context) => log("INFO", message, context),
    logWarning: (message, context) => log("WARNING", message, context),
    logError: (message, context) => log("ERROR", message, context),
    logCritical: (message, context) => log("CRITICAL", message, context),
    log,
    get failures() {
      return guard.failures;
    },
  };
  if (!isCorrelationAware(loggable)) return handle;
  const correlation: CorrelationAware = {
    setCorrelationId: (correlationId) => {
      guard.run(() => loggable.setCorrelationId(correlationId));
    },
    getCorrelationId: () => guard.run(() => loggable.getCorrelationId()),
  };
  return Object.assign(handle, correlation);
}

/**
 * Lets any object or function log, through any {@link Loggable}.
 *
 * The result is used in place of the component: the same members, `instanceof`, keys and JSON, and methods that run
 * with the component itself as `this`. A member that the component has itself is never replaced: ours is then found
 * through {@link loggingOf}. A loggable that fails never reaches the caller; see `failures` there. Attaching to the
 * result of an attach adds to it; attaching logging again replaces the loggable.
 *
 * @throws {TypeError} for a primitive component, a loggable without `log`, and in mode `assign` for a component that
 * is not extensible.
 * @example
 * const strategy = attachLogging(new Momentum(), logger);
 * strategy.logInfo("signal generated", { strength: 0.8 });
 */
export function attachLogging<T extends object, L extends Loggable>(
  component: T,
  loggable: L,
  options: LoggingOptions = {},
): Attached<T, LoggingMembersOf<L> & WithLogging<L>> {
  requireComponent(component, "attachLogging");
  if (!isLoggable(loggable))
    throw new TypeError("attachLogging: the loggable has no method log(level, message, context)");
  const mode = parseMode(options.mode, "attachLogging");
  const memberNames = isCorrelationAware(loggable) ? [...levelNames, ...correlationNames] : levelNames;
  const handle = createLoggingHandle(loggable);
  const result = attach(component, { key: loggingKey, handle, memberNames, observer: undefined }, mode);
  return result as Attached<T, LoggingMembersOf<L> & WithLogging<L>>;
}

/** The logging of a component; undefined when none is attached. */
export function loggingOf<L extends Loggable>(component: WithLogging<L>): LoggingHandle<L>;
export function loggingOf(component: unknown): LoggingHandle | undefined;
export function loggingOf(component: unknown): object | undefined {
  return handleOf(component, loggingKey);
}
