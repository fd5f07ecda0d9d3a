import { FillProcessor, type TradingResult } from "../execution/fill-processor.ts";
import type { Fill, Order, OrderOutcome } from "../execution/order.ts";
import { OrderDeskBusyError, OrderManager } from "../execution/order-manager.ts";
import type { EventPayloads } from "../router/events.ts";
import type { Router } from "../router/router.ts";
import type { Delivery } from "../router/subscription.ts";
import {
  type ComponentLogger,
  type ContainerServices,
  type ContainerStatus,
  errorFields,
  messageOf,
} from "./services.ts";
import { readSettings } from "./settings.ts";

/** An accepted order that could not be filled. */
class OrderFailedError extends Error {
  override readonly name = "OrderFailedError";
  readonly reason: string;

  constructor({ message, reason }: Extract<OrderOutcome, { kind: "failed" }>) {
    super(message);
    this.reason = reason;
  }
}

/** Takes orders, fills them at the next open, and keeps the books. */
export class ExecutionContainer {
  readonly #id: string;
  readonly #router: Router;
  readonly #tracer: ContainerServices["tracer"];
  readonly #orderLog: ComponentLogger;
  readonly #fillLog: ComponentLogger;
  readonly #positionLog: ComponentLogger;
  readonly #orders: OrderManager;
  readonly #fills: FillProcessor;
  /** Orders at work, by id: what to call when they have ended. */
  readonly #ends = new Map<string, (outcome: OrderOutcome) => void>();
  /** Orders that ended before they were accepted; risk still has to be told. */
  #refusedIds: string[] = [];

  constructor({ containerId, settings, registry, router, tracer }: ContainerServices) {
    const values = readSettings(containerId, settings, {
      capital: { default: 1_000_000, min: 1, max: 1e12 },
      slippage_basis_points: { default: 2, min: 0, max: 1000 },
      commission_per_share: { default: 0.005, min: 0, max: 1000 },
      commission_min: { default: 1, min: 0, max: 1e6 },
      orders_per_turn_max: { default: 4, min: 1, max: 10_000, integer: true },
    });
    this.#id = containerId;
    this.#router = router;
    this.#tracer = tracer;
    this.#orders = new OrderManager({ ordersPerTurnMax: values.orders_per_turn_max });
    this.#fills = new FillProcessor({
      capital: values.capital,
      costs: {
        slippageBasisPoints: values.slippage_basis_points,
        commissionPerShare: values.commission_per_share,
        commissionMin: values.commission_min,
      },
    });
    this.#orderLog = registry.createComponentLogger("order_manager");
    this.#fillLog = registry.createComponentLogger("fill_processor");
    this.#positionLog = registry.createComponentLogger("position_tracker");
    this.#subscribe();
  }

  cleanup(): void {
    this.#router.unsubscribe(this.#id);
  }

  get status(): ContainerStatus {
    const { fills, cash, profit } = this.#fills.result();
    return { working_orders: this.#orders.workingCount, fills, cash, profit };
  }

  /** @returns totals of all fills so far, at the last close. */
  tradingResult(): TradingResult {
    return this.#fills.result();
  }

  #subscribe(): void {
    const subscriber = this.#id;
    const onFailure = (error: unknown) => this.#orderLog.error(messageOf(error), errorFields(error));
    this.#router.subscribe("market.bar", {
      subscriber,
      onFailure,
      opensFlow: "bar",
      handle: (event) => this.#onBar(event),
    });
    this.#router.subscribe("market.closed", {
      subscriber,
      onFailure,
      opensFlow: "session",
      handle: () => this.#onClosed(),
    });
    this.#router.subscribe("risk.order", {
      subscriber,
      handle: (order, delivery) => this.#onOrder(order, delivery),
      onFailure: (error) => this.#onOrderFailure(error),
      onRetry: (error, { eventId, target, attempt }) =>
        this.#orderLog.warning(`Delivery tried again: ${messageOf(error)}`, {
          internal_scope: "execution_bus",
          event_id: eventId,
          target,
          attempt,
        }),
      isTemporary: (error) => error instanceof OrderDeskBusyError,
    });
  }

  /** An order is at work until the next open, and acknowledged when it has ended there. */
  async #onOrder(order: Order, { turn, attempt }: Delivery): Promise<void> {
    const { orderId, strategy, side, quantity } = order;
    try {
      this.#orders.accept(order, turn);
    } catch (error) {
      if (!this.#refusedIds.includes(orderId)) this.#refusedIds.push(orderId);
      throw error;
    }
    this.#refusedIds = this.#refusedIds.filter((id) => id !== orderId);
    this.#orderLog.info(`Order accepted: ${side} ${quantity}`, {
      publish_tier: "reliable",
      strategy,
      side,
      quantity,
      attempt,
    });
    const outcome = await new Promise<OrderOutcome>((resolve) => this.#ends.set(orderId, resolve));
    this.#report(order, outcome);
  }

  #report(order: Order, outcome: OrderOutcome): void {
    if (outcome.kind === "failed") throw new OrderFailedError(outcome);
    if (outcome.kind === "filled") this.#reportFill(outcome.fill);
    else
      this.#orderLog.warning(outcome.message, { internal_scope: "execution_bus", strategy: order.strategy });
  }

  #reportFill({ order, date, price, commission }: Fill): void {
    const { strategy, side, quantity, referencePrice } = order;
    this.#tracer.traceInternalEvent({ container: this.#id, eventType: "order.filled" });
    this.#fillLog.info(`Filled: ${side} ${quantity} at ${price.toFixed(2)}`, {
      publish_tier: "reliable",
      strategy,
      side,
      quantity,
      price,
      commission,
      date,
      slippage: Number((price - referencePrice).toFixed(2)),
    });
    const held = this.#fills.positions.positionOf(strategy).quantity;
    this.#positionLog.info("Position updated", { internal_scope: "execution_bus", strategy, held });
  }

  #onBar({ bar }: EventPayloads["market.bar"]): void {
    const orders = this.#orders.takeAll();
    const outcomes = this.#fills.settle(orders, bar);
    this.#end(outcomes);
    const closed = [...outcomes.keys(), ...this.#refusedIds.splice(0)];
    if (closed.length === 0) return;
    const holdings = [...this.#fills.positions.holdings].map(([strategy, { quantity }]) => ({
      strategy,
      quantity,
    }));
    const report = { cash: this.#fills.cash.balance, holdings, closedOrderIds: closed };
    this.#router.publish(this.#id, "execution.portfolio", report, { tier: "reliable" });
    this.#orderLog.info("Orders settled", {
      publish_tier: "reliable",
      orders: closed.length,
      date: bar.date,
    });
  }

  #onClosed(): void {
    const message = "Order expired: the market data ended before the next open";
    const expired = this.#orders
      .takeAll()
      .map(({ orderId }) => [orderId, { kind: "expired", message }] as const);
    this.#end(new Map(expired));
    this.#orderLog.info("Session closed", { expired_orders: expired.length });
  }

  #end(outcomes: ReadonlyMap<string, OrderOutcome>): void {
    for (const [orderId, outcome] of outcomes) {
      this.#ends.get(orderId)?.(outcome);
      this.#ends.delete(orderId);
    }
  }

  #onOrderFailure(error: unknown): void {
    const reason = error instanceof OrderFailedError ? { reason: error.reason } : errorFields(error);
    const log = error instanceof OrderFailedError ? this.#fillLog : this.#orderLog;
    log.error(messageOf(error), { internal_scope: "execution_bus", ...reason });
  }
}
