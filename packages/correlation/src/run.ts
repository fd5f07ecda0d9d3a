import { systemClock } from "@waybill/protocols";
import type { CorrelationContext } from "./context.ts";
import { cleanId } from "./correlation-id.ts";
import { correlationStore } from "./store.ts";
import { isSpanId, isTraceId } from "./traceparent.ts";

/** What {@link runWithCorrelation} can be told beside the id. What {@link extractCorrelation} returns fits. */
export interface RunOptions {
  /** The event that `fn` works on. Default that of the surrounding scope if it has the same id, else none. */
  readonly parentEventId?: string | undefined;
  /** W3C trace id and span id; ignored unless both are valid. Default those of the surrounding scope. */
  readonly traceId?: string | undefined;
  readonly spanId?: string | undefined;
  /** W3C trace flags, 0 to 255; goes with `traceId`. Default 0. */
  readonly traceFlags?: number | undefined;
  /**
   * Monotonic microseconds at which the correlation began, for who keeps another clock. Default that of the
   * surrounding scope if it has the same id, else now.
   */
  readonly startedUs?: number | undefined;
}

type Trace = Pick<CorrelationContext, "traceId" | "spanId" | "traceFlags">;

const noTrace: Trace = { traceId: undefined, spanId: undefined, traceFlags: undefined };

function traceOf(options: RunOptions, outer: CorrelationContext | undefined): Trace {
  const { traceId, spanId, traceFlags } = options;
  if (!isTraceId(traceId) || !isSpanId(spanId)) return outer ?? noTrace;
  return { traceId, spanId, traceFlags: traceFlags ?? 0 };
}

function contextOf(
  correlationId: string,
  options: RunOptions,
  outer: CorrelationContext | undefined,
): CorrelationContext {
  const same = outer?.correlationId === correlationId ? outer : undefined;
  const trace = traceOf(options, outer);
  return Object.freeze({
    correlationId,
    parentEventId: cleanId(options.parentEventId) ?? same?.parentEventId,
    traceId: trace.traceId,
    spanId: trace.spanId,
    traceFlags: trace.traceFlags,
    startedUs: options.startedUs ?? same?.startedUs ?? systemClock.monotonicUs(),
  });
}

/** Runs a function as it would run in a context taken earlier; undefined means outside any correlation. */
export function runInContext<T>(context: CorrelationContext | undefined, fn: () => T): T {
  return correlationStore.run(context && { current: context }, fn);
}

/**
 * Runs a function inside a correlation. Everything that it starts (promises, timers, callbacks) belongs to the
 * correlation too; afterwards the surrounding scope is back. A nested scope of the same id goes on with the parent
 * event and the start; one of another id begins anew. A trace that is active stays active.
 *
 * @param correlationId - cleaned as by `cleanId`: at most 256 characters. With an id of which nothing is left, `fn`
 * runs in the surrounding scope, because a bad id must not keep work from being done.
 * @returns what `fn` returns; what it throws passes through.
 */
export function runWithCorrelation<T>(correlationId: string, fn: () => T, options: RunOptions = {}): T {
  const id = cleanId(correlationId);
  if (id === undefined) return fn();
  return runInContext(contextOf(id, options, currentCorrelation()), fn);
}

/**
 * Runs a function as work on an event: what it publishes has this event as parent. Outside any correlation, or with
 * an id of which nothing is left, it only runs the function.
 */
export function runWithParentEvent<T>(eventId: string, fn: () => T): T {
  const outer = currentCorrelation();
  const parentEventId = cleanId(eventId);
  if (outer === undefined || parentEventId === undefined) return fn();
  return runInContext(Object.freeze({ ...outer, parentEventId }), fn);
}

/** The context of the running code, undefined outside any correlation. */
export function currentCorrelation(): CorrelationContext | undefined {
  return correlationStore.getStore()?.current;
}

/** The correlation id of the running code, undefined outside any correlation. */
export function getCorrelationId(): string | undefined {
  return correlationStore.getStore()?.current.correlationId;
}

/**
 * Gives the current scope another correlation id, as if it had begun with it.
 *
 * @param correlationId - clean.
 * @returns false outside any correlation, where nothing is changed.
 */
export function changeCorrelationId(correlationId: string): boolean {
  const scope = correlationStore.getStore();
  if (scope === undefined) return false;
  scope.current = contextOf(correlationId, {}, scope.current);
  return true;
}
