import { AsyncLocalStorage } from "node:async_hooks";
import type { CorrelationContext } from "./context.ts";

/**
 * What the store holds while code runs inside a correlation. Code that was started from one scope (promises, timers)
 * shares its object, so replacing `current` changes the id for all of it.
 *
 * This shape is shared with every other copy of the package under the same symbol: changing it takes a new symbol.
 */
export interface CorrelationScope {
  current: CorrelationContext;
}

type CorrelationStore = AsyncLocalStorage<CorrelationScope | undefined>;

const storeKey = Symbol.for("waybill.correlation.v1");

function openSharedStore(): CorrelationStore {
  const existing: unknown = Reflect.get(globalThis, storeKey);
  if (existing instanceof AsyncLocalStorage) return existing;
  const created: CorrelationStore = new AsyncLocalStorage();
  Reflect.defineProperty(globalThis, storeKey, { value: created });
  return created;
}

/** The one store of this thread. Two copies of the package in one process see the same ids. */
export const correlationStore: CorrelationStore = openSharedStore();
