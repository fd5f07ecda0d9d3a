import type { Order } from "./order.ts";

/** Too many orders at once: the sender may try again a moment later. */
export class OrderDeskBusyError extends Error {
  override readonly name = "OrderDeskBusyError";
}

/** Limits of an {@link OrderManager}. */
export interface OrderManagerOptions {
  /** Orders taken in one turn, integer ≥ 1. Default 4. */
  readonly ordersPerTurnMax?: number;
}

/** Takes orders, in bursts of limited size, and keeps them until the next open. */
export class OrderManager {
  readonly #ordersPerTurnMax: number;
  readonly #working = new Map<string, Order>();
  #turn = -1;
  #acceptedInTurn = 0;

  constructor({ ordersPerTurnMax = 4 }: OrderManagerOptions = {}) {
    this.#ordersPerTurnMax = ordersPerTurnMax;
  }

  /** Orders that wait for the next open. */
  get workingCount(): number {
    return this.#working.size;
  }

  /**
   * @param turn - number of the current turn; the burst limit starts afresh with each.
   * @throws {OrderDeskBusyError} when the turn's limit is reached. Nothing is kept then.
   * @throws {RangeError} when an order of this id is already working.
   */
  accept(order: Order, turn: number): void {
    if (this.#working.has(order.orderId)) throw new RangeError(`order ${order.orderId} is already working`);
    if (turn !== this.#turn) {
      this.#turn = turn;
      this.#acceptedInTurn = 0;
    }
    if (this.#acceptedInTurn >= this.#ordersPerTurnMax) {
      throw new OrderDeskBusyError(`order desk busy: ${this.#ordersPerTurnMax} orders taken in this turn`);
    }
    this.#acceptedInTurn += 1;
    this.#working.set(order.orderId, order);
  }

  /** Hands all working orders over, sells first so that their cash can pay for buys, else in order of arrival. */
  takeAll(): Order[] {
    const orders = [...this.#working.values()];
    this.#working.clear();
    return [...orders.filter(({ side }) => side === "sell"), ...orders.filter(({ side }) => side === "buy")];
  }
}
