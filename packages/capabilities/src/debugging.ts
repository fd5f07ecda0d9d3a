import { type Clock, type Debuggable, isLoggable, type Loggable, systemClock } from "@waybill/protocols";
import { attach, requireComponent } from "./attach.ts";
import type { Attached } from "./attached.ts";
import { attachmentOf, handleOf } from "./attachment.ts";
import { type CaptureLimits, captureState, resolveLimits } from "./capture-state.ts";
import { createFailureGuard, type FailureGuard } from "./failure-guard.ts";
import { debuggingKey } from "./keys.ts";
import type { CallObserver } from "./observe-call.ts";

/** What a component can do once debugging is attached: the protocol `Debuggable`. */
export interface DebuggingMembers extends Debuggable {
  /** The component's own state as bounded plain data. Never throws. */
  captureState(): Readonly<Record<string, unknown>>;
  /** Starts or stops logging each call of the component's methods. Off at first. Calls that run end as they began. */
  enableTracing(enabled: boolean): void;
}

/** The debugging of one component, whatever its own members are called. */
export interface DebuggingHandle extends DebuggingMembers {
  /** Whether calls are logged now. */
  readonly isTracing: boolean;
  /** Calls that could not be logged, because the loggable or the clock failed. */
  readonly failures: number;
}

/** Says that debugging is attached. */
export interface WithDebugging {
  readonly [debuggingKey]: DebuggingHandle;
}

/** Options of {@link attachDebugging}; the limits are those of `captureState` and of logged arguments. */
export interface DebuggingOptions extends CaptureLimits {
  /** Receives one DEBUG entry per call while tracing is enabled. */
  readonly loggable: Loggable;
  /** Whether arguments are logged, as bounded plain data. Default false: they may hold secrets. */
  readonly logArguments?: boolean;
  /** Measures durations. Default: the clock of this process. */
  readonly clock?: Clock;
}

function createCallLog(
  options: DebuggingOptions,
  limits: Required<CaptureLimits>,
  guard: FailureGuard,
  isTracing: () => boolean,
): CallObserver {
  const { loggable, logArguments = false, clock = systemClock } = options;
  return {
    begin(method, callArguments) {
      if (!isTracing()) return undefined;
      const startUs = guard.run(() => clock.monotonicUs());
      if (startUs === undefined) return undefined;
      // Captured now: the component may change what it was given.
      const captured = logArguments
        ? { arguments: captureState(callArguments, limits)["[value]"] }
        : undefined;
      return (outcome, error) => {
        guard.run(() => {
          const failure = outcome === "threw" || outcome === "rejected" ? { error } : undefined;
          const duration_us = Math.max(0, clock.monotonicUs() - startUs);
          return loggable.log("DEBUG", `${method} ${outcome}`, {
            method,
            outcome,
            duration_us,
            ...captured,
            ...failure,
          });
        });
      };
    },
  };
}

/**
 * Lets anybody look at the state of any object or function, and log its calls while it runs.
 *
 * A logged call is one DEBUG entry at its end, `<method> <outcome>`, with context `method`, `outcome` (`returned`,
 * `threw`, `resolved`, `rejected`), `duration_us` and `error`. Calls are seen when they come through the result;
 * what the component calls on itself is not. A generator ends when its call returns, and so does a promise with
 * members of its own. While calls are logged, the caller of an async method gets a promise derived from its own.
 *
 * @throws {TypeError} for a primitive component, or a loggable without `log`.
 * @throws {RangeError} for a limit out of its range.
 */
export function attachDebugging<T extends object>(
  component: T,
  options: DebuggingOptions,
): Attached<T, DebuggingMembers & WithDebugging> {
  requireComponent(component, "attachDebugging");
  if (!isLoggable(options.loggable)) {
    throw new TypeError("attachDebugging: options.loggable has no method log(level, message, context)");
  }
  const limits = resolveLimits(options);
  const target = attachmentOf(component)?.target ?? component;
  const guard = createFailureGuard();
  let isTracing = false;
  const handle: DebuggingHandle = {
    captureState: () => captureState(target, limits),
    enableTracing(enabled) {
      isTracing = enabled;
    },
    get isTracing() {
      return isTracing;
    },
    get failures() {
      return guard.failures;
    },
  };
  const observer = createCallLog(options, limits, guard, () => isTracing);
  const memberNames = ["captureState", "enableTracing"];
  const result = attach(component, { key: debuggingKey, handle, memberNames, observer }, "proxy");
  return result as Attached<T, DebuggingMembers & WithDebugging>;
}

/** The debugging of a component; undefined when none is attached. */
export function debuggingOf(component: WithDebugging): DebuggingHandle;
export function debuggingOf(component: unknown): DebuggingHandle | undefined;
export function debuggingOf(component: unknown): object | undefined {
  return handleOf(component, debuggingKey);
}
