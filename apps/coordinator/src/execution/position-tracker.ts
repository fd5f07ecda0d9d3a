import type { Side } from "../strategies/strategy.ts";

/** The holding of one strategy. */
export interface Position {
  readonly quantity: number;
  /** Average price paid per share; 0 when nothing is held. */
  readonly averagePrice: number;
}

const flat: Position = { quantity: 0, averagePrice: 0 };

/** Who holds how much, at which average price, and what was earned by closing. */
export class PositionTracker {
  readonly #positions = new Map<string, Position>();
  #realised = 0;

  /** Profit of everything sold so far, before commissions, in money. */
  get realised(): number {
    return this.#realised;
  }

  /** The strategies that hold something, in order of their first fill. */
  get holdings(): ReadonlyMap<string, Position> {
    return this.#positions;
  }

  positionOf(strategy: string): Position {
    return this.#positions.get(strategy) ?? flat;
  }

  /** @throws {RangeError} when more is sold than held. */
  apply(strategy: string, side: Side, quantity: number, price: number): Position {
    const before = this.positionOf(strategy);
    const after = side === "buy" ? added(before, quantity, price) : this.#reduced(before, quantity, price);
    if (after.quantity === 0) this.#positions.delete(strategy);
    else this.#positions.set(strategy, after);
    return after;
  }

  /** Profit of what is still held, at a price. */
  unrealised(price: number): number {
    let profit = 0;
    for (const { quantity, averagePrice } of this.#positions.values())
      profit += (price - averagePrice) * quantity;
    return profit;
  }

  /** Value of everything held, at a price. */
  marketValue(price: number): number {
    let value = 0;
    for (const { quantity } of this.#positions.values()) value += quantity * price;
    return value;
  }

  #reduced(before: Position, quantity: number, price: number): Position {
    if (quantity > before.quantity)
      throw new RangeError(`cannot sell ${quantity} of ${before.quantity} shares`);
    this.#realised += (price - before.averagePrice) * quantity;
    return { quantity: before.quantity - quantity, averagePrice: before.averagePrice };
  }
}

function added(before: Position, quantity: number, price: number): Position {
  const total = before.quantity + quantity;
  return {
    quantity: total,
    averagePrice: (before.averagePrice * before.quantity + price * quantity) / total,
  };
}
