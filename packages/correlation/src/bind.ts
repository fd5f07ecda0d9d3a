import { currentCorrelation, runInContext } from "./run.ts";

/**
 * Ties a function to the correlation of the caller: whenever and wherever it is called later, it runs as if it were
 * called now. For queues, pools and every callback that somebody else calls.
 *
 * The context is taken now: a later `setCorrelationId` in this scope does not reach the function, and one inside the
 * function does not reach this scope. Bound outside any correlation, it runs outside any.
 *
 * @returns a function with the same parameters, result and `this`.
 * @example
 * queue.push(bindCorrelation(() => placeOrder(signal)));
 */
export function bindCorrelation<This, Args extends unknown[], Result>(
  fn: (this: This, ...args: Args) => Result,
): (this: This, ...args: Args) => Result {
  const context = currentCorrelation();
  return function bound(this: This, ...args: Args): Result {
    return runInContext(context, () => fn.apply(this, args));
  };
}
