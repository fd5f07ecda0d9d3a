import type { EventPayloads, EventType } from "./events.ts";

/** Circumstances of one delivery. */
export interface Delivery {
  /** Number of the router's turn, rising; all deliveries of one turn belong together. */
  readonly turn: number;
  /** 1 for the first attempt, more when the reliable tier delivers again. */
  readonly attempt: number;
}

/** A delivery that is made again. */
export interface Retry {
  readonly eventId: string;
  /** Container that receives. */
  readonly target: string;
  /** The attempt to come, 2 or more. */
  readonly attempt: number;
}

/** Takes an event. Throwing or rejecting means: not done. On the reliable tier, returning is the acknowledgement. */
export type EventHandler<T extends EventType> = (
  payload: EventPayloads[T],
  delivery: Delivery,
) => void | Promise<void>;

/** How a container takes events of one type. */
export interface Subscription<T extends EventType> {
  /** Container that receives. */
  readonly subscriber: string;
  readonly handle: EventHandler<T>;
  /** Called inside the flow when the handler has failed for good: the place to log it. */
  readonly onFailure: (error: unknown) => void;
  /** Called inside the flow when a delivery has failed and is to be made again: the place to log it. Default: nothing. */
  readonly onRetry?: (error: unknown, retry: Retry) => void;
  /**
   * Each delivery begins a flow of its own, with the id `<opensFlow>_<flowKey>_<subscriber>`. Default: deliveries
   * belong to the flow in which the event was published.
   */
  readonly opensFlow?: string;
  /** Whether a failure may pass by itself, so that the reliable tier should deliver again. Default: none may. */
  readonly isTemporary?: (error: unknown) => boolean;
}

/** The subscriptions of all event types. */
export type SubscriptionTable = { readonly [T in EventType]: Subscription<T>[] };

/** A table without subscriptions. */
export function createSubscriptionTable(): SubscriptionTable {
  return {
    "market.bar": [],
    "market.closed": [],
    "market.regime": [],
    "strategy.signal": [],
    "risk.order": [],
    "execution.portfolio": [],
  };
}
