import type { FlowStatus } from "@waybill/protocols";

/**
 * Runs work and tells once how it ended, when it ended.
 *
 * The promise returned is derived from the work's own, so that a rejection nobody handles is still reported by the
 * runtime, and so that the end is told before the caller goes on.
 */
export function workOn<T>(work: () => T, onEnd: (status: FlowStatus) => void): T {
  let result: T;
  try {
    result = work();
  } catch (error) {
    onEnd("error");
    throw error;
  }
  if (!isThenable(result)) {
    onEnd("ok");
    return result;
  }
  const settled = Promise.resolve(result).then(
    (value) => {
      onEnd("ok");
      return value;
    },
    (error: unknown) => {
      onEnd("error");
      throw error;
    },
  );
  // T is a promise here; the compiler cannot follow that through `isThenable`.
  return settled as typeof settled & T;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  try {
    return typeof Reflect.get(value, "then") === "function";
  } catch {
    return false;
  }
}
