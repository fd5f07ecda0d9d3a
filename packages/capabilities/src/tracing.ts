import { type EventTrackable, isEventTrackable } from "@waybill/protocols";
import { type AttachMode, attach, parseMode, requireComponent } from "./attach.ts";
import type { Attached } from "./attached.ts";
import { handleOf } from "./attachment.ts";
import { createFailureGuard } from "./failure-guard.ts";
import { tracingKey } from "./keys.ts";
import { isFunction } from "./method-views.ts";

const tracingNames = ["traceEvent", "traceInternalEvent", "traceExternalEvent", "traceSignalFlow"] as const;

/** The methods of a tracer that a component gets, when the tracer has them. */
export type TracingName = (typeof tracingNames)[number];

/** A guarded method: the parameters of the tracer's own, and undefined in place of its result when it fails. */
type GuardedMethod<F> = F extends (...args: infer P) => infer R
  ? (...args: P) => R extends Promise<infer V> ? Promise<V | undefined> | undefined : R | undefined
  : never;

/** The tracing methods that this tracer has. None of them ever throws. */
export type TracingMembersOf<E extends EventTrackable> = {
  readonly [K in Extract<keyof E, TracingName>]: GuardedMethod<E[K]>;
};

/** The tracing of one component, whatever its own members are called. */
export type TracingHandle<E extends EventTrackable = EventTrackable> = TracingMembersOf<E> & {
  /** Calls in which the tracer failed, by a throw or a rejected promise. */
  readonly failures: number;
};

/** Says that tracing is attached, and with which members. */
export interface WithTracing<E extends EventTrackable = EventTrackable> {
  readonly [tracingKey]: TracingHandle<E>;
}

/** Options of {@link attachTracing}. */
export interface TracingOptions {
  /** See {@link AttachMode}. Default `proxy`. */
  readonly mode?: AttachMode;
}

/**
 * Lets any object or function report events that travel between containers, through any tracer. It gets those of
 * `traceEvent`, `traceInternalEvent`, `traceExternalEvent` and `traceSignalFlow` that the tracer has.
 *
 * Everything else is as with `attachLogging`. A component that traces on its own `this` attaches in its constructor,
 * in mode `assign`.
 *
 * @throws {TypeError} for a primitive component, a tracer without `traceEvent`, and in mode `assign` for a component
 * that is not extensible.
 */
export function attachTracing<T extends object, E extends EventTrackable>(
  component: T,
  tracer: E,
  options: TracingOptions = {},
): Attached<T, TracingMembersOf<E> & WithTracing<E>> {
  requireComponent(component, "attachTracing");
  if (!isEventTrackable(tracer)) throw new TypeError("attachTracing: the tracer has no method traceEvent");
  const mode = parseMode(options.mode, "attachTracing");
  const guard = createFailureGuard();
  const memberNames: string[] = [];
  const handle = {
    get failures() {
      return guard.failures;
    },
  };
  for (const name of tracingNames) {
    const method: unknown = Reflect.get(tracer, name);
    if (!isFunction(method)) continue;
    memberNames.push(name);
    const forward = (...args: unknown[]) => guard.run(() => Reflect.apply(method, tracer, args));
    Object.defineProperty(handle, name, { value: forward, enumerable: true });
  }
  const result = attach(component, { key: tracingKey, handle, memberNames, observer: undefined }, mode);
  return result as Attached<T, TracingMembersOf<E> & WithTracing<E>>;
}

/** The tracing of a component; undefined when none is attached. */
export function tracingOf<E extends EventTrackable>(component: WithTracing<E>): TracingHandle<E>;
export function tracingOf(component: unknown): TracingHandle | undefined;
export function tracingOf(component: unknown): object | undefined {
  return handleOf(component, tracingKey);
}
