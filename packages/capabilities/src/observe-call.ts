import { types } from "node:util";

/** How a call ended. A promise that is followed ends as `resolved` or `rejected`, everything else as the call did. */
type CallOutcome = "returned" | "threw" | "resolved" | "rejected";

/** Told once, when a call has ended. `error` is what was thrown or the reason of a rejection. */
type CallEnd = (outcome: CallOutcome, error: unknown) => void;

/** Sees calls, never changes them. Its methods must not throw. */
export interface CallObserver {
  /** @returns what to tell when the call ends; undefined when this call is of no interest. */
  begin(name: string, callArguments: readonly unknown[]): CallEnd | undefined;
}

/** The promise that the caller got for a promise that a method returned, so that equal results stay equal. */
const followed = new WeakMap<Promise<unknown>, Promise<unknown>>();

/**
 * Whether following a promise changes nothing that a caller could miss. Subclasses may start their work in `then`, and
 * promises with members (a child process, a query) must reach the caller as they are: these end when the call returns.
 * Only names count: on Node 20 and 22 AsyncLocalStorage keeps its store under a symbol of every promise.
 */
function canFollow(value: unknown): value is Promise<unknown> {
  return (
    types.isPromise(value) &&
    Object.getPrototypeOf(value) === Promise.prototype &&
    Object.getOwnPropertyNames(value).length === 0
  );
}

/**
 * The caller gets a derived promise. Listening on the side instead would mark a rejection as handled, and the
 * application would never learn of a rejection that it forgot.
 */
function follow(promise: Promise<unknown>, end: CallEnd): Promise<unknown> {
  const known = followed.get(promise);
  const derived = promise.then(
    (value) => {
      end("resolved", undefined);
      return value;
    },
    (error: unknown) => {
      end("rejected", error);
      // The first derived promise carries the rejection already.
      if (known === undefined) throw error;
    },
  );
  if (known !== undefined) return known;
  followed.set(promise, derived);
  return derived;
}

/** Makes a call and tells all observers of its beginning and end. The call's result or error reaches the caller. */
export function observeCall(
  observers: readonly CallObserver[],
  name: string,
  callArguments: readonly unknown[],
  call: () => unknown,
): unknown {
  const ends: CallEnd[] = [];
  for (const observer of observers) {
    const end = observer.begin(name, callArguments);
    if (end !== undefined) ends.push(end);
  }
  if (ends.length === 0) return call();
  const endAll: CallEnd = (outcome, error) => {
    for (const end of ends) end(outcome, error);
  };
  let result: unknown;
  try {
    result = call();
  } catch (error) {
    endAll("threw", error);
    throw error;
  }
  if (canFollow(result)) return follow(result, endAll);
  endAll("returned", undefined);
  return result;
}
