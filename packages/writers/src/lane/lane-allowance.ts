/** What a worker may use. */
export interface Allowance {
  /** Open files at most. */
  readonly descriptorsMax: number;
  /** Bytes that all its queues may hold together. */
  readonly queuesBytesMax: number;
}

/**
 * The allowance of a worker, in memory that both threads see: it may be changed while the worker is busy. Read and
 * written without a lock; each number is right at some moment.
 */
export class LaneAllowance {
  readonly #cells: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.#cells = new Float64Array(memory);
  }

  static createMemory(allowance: Allowance): SharedArrayBuffer {
    const memory = new SharedArrayBuffer(2 * Float64Array.BYTES_PER_ELEMENT);
    new LaneAllowance(memory).set(allowance);
    return memory;
  }

  get descriptorsMax(): number {
    return this.#cells[0] as number;
  }

  get queuesBytesMax(): number {
    return this.#cells[1] as number;
  }

  set({ descriptorsMax, queuesBytesMax }: Allowance): void {
    this.#cells[0] = descriptorsMax;
    this.#cells[1] = queuesBytesMax;
  }
}
