interface Candidate {
  readonly position: number;
  readonly value: number;
}

/**
 * Highest or lowest of the last `size` values, O(1) amortised: candidates that a later, better value makes impossible
 * are dropped at once (monotonic queue).
 */
export class RollingExtreme {
  readonly #size: number;
  readonly #isBetter: (a: number, b: number) => boolean;
  #candidates: Candidate[] = [];
  #count = 0;

  /** @param size - values looked back on, integer ≥ 1. */
  constructor(size: number, kind: "highest" | "lowest") {
    if (!Number.isInteger(size) || size < 1)
      throw new RangeError(`window size must be an integer ≥ 1, got ${size}`);
    this.#size = size;
    this.#isBetter = kind === "highest" ? (a, b) => a >= b : (a, b) => a <= b;
  }

  /** The extreme of the last `size` values; undefined until there are that many. */
  get value(): number | undefined {
    return this.#count >= this.#size ? this.#candidates[0]?.value : undefined;
  }

  push(value: number): void {
    while (this.#candidates.length > 0) {
      const last = this.#candidates.at(-1);
      if (last === undefined || !this.#isBetter(value, last.value)) break;
      this.#candidates.pop();
    }
    this.#candidates.push({ position: this.#count, value });
    this.#count += 1;
    const first = this.#candidates[0];
    if (first !== undefined && first.position <= this.#count - 1 - this.#size) this.#candidates.shift();
  }
}
