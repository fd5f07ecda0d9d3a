/** Bounds what all streams of a pool hold back together: many failing files must not fill the memory. */
export class QueueBudget {
  #bytesMax: number;
  readonly #bytesOf = new Map<object, number>();
  #bytes = 0;

  /** @param bytesMax - bytes of all queues together. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Changes the limit; nothing is dropped before the next {@link note}. @param bytesMax - as of the constructor. */
  resize(bytesMax: number): void {
    this.#bytesMax = bytesMax;
  }

  /** Notes what a stream holds. @returns whether all together are within the limit. */
  note(stream: object, bytes: number): boolean {
    const before = this.#bytesOf.get(stream) ?? 0;
    if (bytes === 0) this.#bytesOf.delete(stream);
    else this.#bytesOf.set(stream, bytes);
    // Last: what is called may find the stack at its end, and the sum must not drift.
    this.#bytes += bytes - before;
    return this.#bytes <= this.#bytesMax;
  }

  forget(stream: object): void {
    this.note(stream, 0);
  }
}
