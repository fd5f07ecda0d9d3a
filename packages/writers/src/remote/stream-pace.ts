/** A write that took longer, in milliseconds, moves its stream to the lane of the slow ones. */
const slowMs = 50;
/** So many writes in a row that were not slow take it back: about half a minute of a busy stream. */
const fastInRowMin = 500;

/** Whether a stream is in the lane that fits its disk. */
export class StreamPace {
  #isAmongSlow = false;
  #fastInRow = 0;
  #isMoveDue = false;

  /** @param isAmongSlow - whether the stream has entered the lane of the slow ones. */
  begin(isAmongSlow: boolean): void {
    this.#isAmongSlow = isAmongSlow;
    this.#fastInRow = 0;
    this.#isMoveDue = false;
  }

  /** @param tookMs - what one write took. */
  note(tookMs: number): void {
    this.#fastInRow = tookMs >= slowMs ? 0 : this.#fastInRow + 1;
    this.#isMoveDue = this.#isAmongSlow
      ? this.#fastInRow >= fastInRowMin
      : this.#isMoveDue || tookMs >= slowMs;
  }

  /** The move was tried. */
  noteMove(): void {
    this.#isMoveDue = false;
  }

  get isAmongSlow(): boolean {
    return this.#isAmongSlow;
  }

  get isMoveDue(): boolean {
    return this.#isMoveDue;
  }
}
