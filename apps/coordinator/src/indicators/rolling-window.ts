/**
 * The last `size` values of a series, oldest first out.
 *
 * Mean and deviation are computed over the window at each call: a running sum of squares loses digits over thousands
 * of prices, and windows are at most a few hundred long.
 */
export class RollingWindow {
  readonly size: number;
  readonly #values: Float64Array;
  #count = 0;

  /** @param size - values kept, integer ≥ 1. */
  constructor(size: number) {
    if (!Number.isInteger(size) || size < 1)
      throw new RangeError(`window size must be an integer ≥ 1, got ${size}`);
    this.size = size;
    this.#values = new Float64Array(size);
  }

  get isFull(): boolean {
    return this.#count >= this.size;
  }

  push(value: number): void {
    this.#values[this.#count % this.size] = value;
    this.#count += 1;
  }

  /** The oldest value kept; undefined until the window is full. */
  get oldest(): number | undefined {
    return this.isFull ? this.#values[this.#count % this.size] : undefined;
  }

  /** Arithmetic mean; undefined until the window is full. */
  mean(): number | undefined {
    if (!this.isFull) return undefined;
    let sum = 0;
    for (const value of this.#values) sum += value;
    return sum / this.size;
  }

  /** Sample standard deviation (n − 1); undefined until the window is full, or for a window of one. */
  standardDeviation(): number | undefined {
    const mean = this.mean();
    if (mean === undefined || this.size < 2) return undefined;
    let squares = 0;
    for (const value of this.#values) squares += (value - mean) ** 2;
    return Math.sqrt(squares / (this.size - 1));
  }
}
