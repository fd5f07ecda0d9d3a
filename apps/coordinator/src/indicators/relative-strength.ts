/**
 * Relative strength index after Wilder: the first average is plain, later ones are smoothed by 1/period.
 *
 * @see J. Welles Wilder, "New Concepts in Technical Trading Systems" (1978), section VI
 */
export class RelativeStrength {
  readonly #period: number;
  #previous: number | undefined;
  #changes = 0;
  #gain = 0;
  #loss = 0;

  /** @param period - changes averaged, integer ≥ 1. The first value comes after period + 1 closes. */
  constructor(period: number) {
    if (!Number.isInteger(period) || period < 1)
      throw new RangeError(`period must be an integer ≥ 1, got ${period}`);
    this.#period = period;
  }

  /** Adds a close. @returns the index from 0 to 100, or undefined during warm-up. */
  push(close: number): number | undefined {
    const previous = this.#previous;
    this.#previous = close;
    if (previous === undefined) return undefined;
    const change = close - previous;
    this.#changes += 1;
    this.#smooth(Math.max(change, 0), Math.max(-change, 0));
    if (this.#changes < this.#period) return undefined;
    if (this.#loss === 0) return this.#gain === 0 ? 50 : 100;
    return 100 - 100 / (1 + this.#gain / this.#loss);
  }

  #smooth(gain: number, loss: number): void {
    const isSeeding = this.#changes <= this.#period;
    const weight = isSeeding ? 1 / this.#changes : 1 / this.#period;
    this.#gain += (gain - this.#gain) * weight;
    this.#loss += (loss - this.#loss) * weight;
  }
}
