/**
 * Simple moving average in O(1) per value.
 *
 * The running sum is rebuilt from the window each time the ring wraps, so that rounding errors cannot add up.
 */
export class MovingAverage {
  readonly #values: Float64Array;
  #count = 0;
  #sum = 0;

  /** @param size - values averaged, integer ≥ 1. */
  constructor(size: number) {
    if (!Number.isInteger(size) || size < 1)
      throw new RangeError(`window size must be an integer ≥ 1, got ${size}`);
    this.#values = new Float64Array(size);
  }

  /** Adds a value. @returns the average, or undefined until the window is full. */
  push(value: number): number | undefined {
    const size = this.#values.length;
    const slot = this.#count % size;
    this.#sum += value - (this.#values[slot] ?? 0);
    this.#values[slot] = value;
    this.#count += 1;
    if (slot === size - 1) this.#sum = this.#values.reduce((sum, each) => sum + each, 0);
    return this.#count >= size ? this.#sum / size : undefined;
  }
}
