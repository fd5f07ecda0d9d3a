/** Cash in whole cents, so that thousands of bookings add up exactly. Never below zero. */
export class CashLedger {
  #cents: number;

  /** @param opening - money at the start, ≥ 0. */
  constructor(opening: number) {
    this.#cents = Math.round(opening * 100);
  }

  get balance(): number {
    return this.#cents / 100;
  }

  /** Whether a booking would leave the balance at or above zero. */
  covers(change: number): boolean {
    return this.#cents + Math.round(change * 100) >= 0;
  }

  /** @throws {RangeError} when the cash does not cover it. */
  book(change: number): void {
    if (!this.covers(change)) throw new RangeError(`booking ${change} would overdraw ${this.balance}`);
    this.#cents += Math.round(change * 100);
  }
}
