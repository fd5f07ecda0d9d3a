import { bindCorrelation, getCorrelationId, runWithCorrelation } from "@waybill/correlation";
import type { FlowEvent, PublishedEvent } from "@waybill/flows";
import { DeliveryQueue } from "./delivery-queue.ts";
import type { AppTier, EventPayloads, EventType } from "./events.ts";
import { createRouterStats, type FinishedHop, type RouterStats } from "./router-stats.ts";
import { createSubscriptionTable, type Subscription, type SubscriptionTable } from "./subscription.ts";

/** What the router needs of an event flow tracer. */
export interface HopTracer {
  publish(event: PublishedEvent): FlowEvent;
  handle<R>(event: FlowEvent, work: () => R): R;
}

/** Settings of a {@link createRouter}. */
export interface RouterOptions {
  readonly tracer: HopTracer;
  /** Attempts of one delivery on the reliable tier, integer ≥ 1. Default 3. */
  readonly attemptsMax?: number;
  /** Called after each hop. */
  readonly onHop?: (hop: FinishedHop) => void;
}

/** How an event is sent. */
export interface PublishOptions {
  readonly tier: AppTier;
  /** Middle part of the ids of flows that this event begins, such as a date. */
  readonly flowKey?: string;
  /** Monotonic microseconds at which the source began the work that led to this event. Default now. */
  readonly startedUs?: number;
}

/** Carries events between containers that do not know each other. */
export interface Router {
  subscribe<T extends EventType>(type: T, subscription: Subscription<T>): void;
  /** Ends all subscriptions of a container; what waits for it is still delivered. */
  unsubscribe(subscriber: string): void;
  /** Sends an event to whoever has subscribed to its type. Returns before anybody has received it. */
  publish<T extends EventType>(
    source: string,
    type: T,
    payload: EventPayloads[T],
    options: PublishOptions,
  ): void;
  /** Resolves when nothing waits and no delivery is to be tried again. Handlers may still be at work. */
  idle(): Promise<void>;
  /** Resolves when, beyond that, every handler has ended. */
  settled(): Promise<void>;
  stats(): RouterStats;
}

interface Waiting {
  readonly event: FlowEvent;
  readonly tier: AppTier;
  /** Calls the handler once. */
  readonly run: (attempt: number) => void | Promise<void>;
  readonly onFailure: (error: unknown) => void;
  /** @param attempt - the one to come. */
  readonly onRetry: (error: unknown, attempt: number) => void;
  readonly isTemporary: (error: unknown) => boolean;
}

/**
 * Creates a router.
 *
 * It works in turns of the event loop: a turn delivers, container by container in the order of their first
 * subscription, everything that was published before the turn began. So the event loop breathes, waits are real, and
 * yet the order of deliveries depends on nothing but the order of publications.
 */
export function createRouter(options: RouterOptions): Router {
  return new TurnRouter(options);
}

class TurnRouter implements Router {
  readonly #tracer: HopTracer;
  readonly #attemptsMax: number;
  readonly #onHop: ((hop: FinishedHop) => void) | undefined;
  readonly #subscriptions: SubscriptionTable = createSubscriptionTable();
  readonly #queues = new Map<string, DeliveryQueue<Waiting>>();
  readonly #stats = createRouterStats();
  readonly #takeTurn: () => void;
  #turn = 0;
  #published = 0;
  #isScheduled = false;
  /** Deliveries that will be tried again in the next turn. */
  #retries: (() => void)[] = [];
  /** Handlers that have been called and have not ended. */
  #working = 0;
  #idleWaiters: (() => void)[] = [];
  #settledWaiters: (() => void)[] = [];

  constructor({ tracer, attemptsMax = 3, onHop }: RouterOptions) {
    this.#tracer = tracer;
    this.#attemptsMax = attemptsMax;
    this.#onHop = onHop;
    // A turn is scheduled from inside somebody's flow, and must not run as a part of that flow.
    this.#takeTurn = bindCorrelation(() => this.#runTurn());
  }

  subscribe<T extends EventType>(type: T, subscription: Subscription<T>): void {
    const list: Subscription<T>[] = this.#subscriptions[type];
    list.push(subscription);
    if (!this.#queues.has(subscription.subscriber))
      this.#queues.set(subscription.subscriber, new DeliveryQueue());
  }

  unsubscribe(subscriber: string): void {
    for (const list of Object.values(this.#subscriptions)) {
      for (let index = list.length - 1; index >= 0; index -= 1) {
        if (list[index]?.subscriber === subscriber) list.splice(index, 1);
      }
    }
  }

  publish<T extends EventType>(
    source: string,
    type: T,
    payload: EventPayloads[T],
    options: PublishOptions,
  ): void {
    const list: readonly Subscription<T>[] = this.#subscriptions[type];
    for (const subscription of list) this.#enqueue(source, type, payload, options, subscription);
    this.#schedule();
  }

  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idleWaiters.push(resolve);
      this.#schedule();
    });
  }

  settled(): Promise<void> {
    return new Promise((resolve) => {
      this.#settledWaiters.push(resolve);
      this.#schedule();
    });
  }

  stats(): RouterStats {
    return this.#stats.snapshot();
  }

  #enqueue<T extends EventType>(
    source: string,
    type: T,
    payload: EventPayloads[T],
    { tier, flowKey, startedUs }: PublishOptions,
    subscription: Subscription<T>,
  ): void {
    const { subscriber, handle, onFailure, opensFlow, isTemporary = () => false } = subscription;
    const publish = () => this.#tracer.publish({ eventType: type, source, target: subscriber, tier });
    const flowId =
      opensFlow === undefined ? undefined : [opensFlow, flowKey, subscriber].filter(Boolean).join("_");
    const event = flowId === undefined ? publish() : runWithCorrelation(flowId, publish, { startedUs });
    this.#stats.published(flowId ?? getCorrelationId());
    const run = (attempt: number) => handle(payload, { turn: this.#turn, attempt });
    this.#published += 1;
    const onRetry = (error: unknown, attempt: number) =>
      subscription.onRetry?.(error, { eventId: event.eventId, target: subscriber, attempt });
    const waiting: Waiting = { event, tier, run, onFailure, onRetry, isTemporary };
    this.#queues.get(subscriber)?.push(tier, this.#published, waiting);
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#takeTurn);
  }

  #runTurn(): void {
    this.#isScheduled = false;
    this.#turn += 1;
    const limit = this.#published;
    const retries = this.#retries.splice(0);
    let delivered = 0;
    for (const retry of retries) retry();
    for (const queue of this.#queues.values()) {
      for (const delivery of queue.takeUpTo(limit)) {
        delivered += 1;
        this.#deliver(delivery);
      }
    }
    const hasWaiters = this.#idleWaiters.length + this.#settledWaiters.length > 0;
    // A handler that has just been called may publish again in a microtask, so only a turn without any wakes waiters.
    const isQuiet = retries.length + delivered === 0 && !this.#hasWaiting();
    if (isQuiet) this.#wake();
    else if (hasWaiters || this.#hasWaiting()) this.#schedule();
  }

  #hasWaiting(): boolean {
    if (this.#retries.length > 0) return true;
    for (const queue of this.#queues.values()) if (queue.length > 0) return true;
    return false;
  }

  #wake(): void {
    for (const resolve of this.#idleWaiters.splice(0)) resolve();
    if (this.#working === 0) for (const resolve of this.#settledWaiters.splice(0)) resolve();
  }

  #deliver(delivery: Waiting): void {
    const report = (status: "ok" | "error") => this.#finished(delivery, status);
    let result: void | Promise<void>;
    try {
      result = this.#tracer.handle(delivery.event, () => this.#attempt(delivery, 1));
    } catch {
      // The subscriber was told inside the flow, by onFailure.
      report("error");
      return;
    }
    if (result === undefined) {
      report("ok");
      return;
    }
    this.#working += 1;
    result
      .then(
        () => report("ok"),
        () => report("error"),
      )
      .finally(() => {
        this.#working -= 1;
        if (this.#working === 0 && this.#settledWaiters.length > 0) this.#schedule();
      });
  }

  /** Calls the handler, again where that is allowed, and tells the subscriber when it has failed for good. */
  #attempt(delivery: Waiting, attempt: number): void | Promise<void> {
    try {
      const result = delivery.run(attempt);
      return result?.catch((error: unknown) => this.#retryOrFail(delivery, attempt, error));
    } catch (error) {
      return this.#retryOrFail(delivery, attempt, error);
    }
  }

  #retryOrFail(delivery: Waiting, attempt: number, error: unknown): Promise<void> {
    if (delivery.tier !== "reliable" || attempt >= this.#attemptsMax || !delivery.isTemporary(error)) {
      delivery.onFailure(error);
      throw error;
    }
    this.#stats.retried();
    delivery.onRetry(error, attempt + 1);
    return new Promise<void>((resolve) => {
      this.#retries.push(resolve);
      this.#schedule();
    }).then(() => this.#attempt(delivery, attempt + 1));
  }

  #finished({ event }: Waiting, status: "ok" | "error"): void {
    this.#stats.finished(event.correlationId, status);
    this.#onHop?.({ event, status });
  }
}
