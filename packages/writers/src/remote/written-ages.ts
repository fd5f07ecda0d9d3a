import type { LaneResult } from "../lane/lane-requests.ts";
import type { LanePassage } from "./lane-passage.ts";

/** Tells when the lines of one stream came in that its worker has written. */
export class WrittenAges {
  readonly #passage: LanePassage;
  readonly #onWritten: (oldestMs: number, writtenMs: number) => void;
  /** Of lines that the worker was given and is not known to have written. */
  #oldestMs = Number.POSITIVE_INFINITY;

  constructor(passage: LanePassage, onWritten: (oldestMs: number, writtenMs: number) => void) {
    this.#passage = passage;
    this.#onWritten = onWritten;
  }

  /**
   * A request with lines is performed: they are written, or wait in the worker's own queue.
   *
   * @param result - undefined when the worker is gone: they are sent again.
   * @param oldestMs - when the first of the lines came in; 0 when that is not known.
   */
  note(result: LaneResult | undefined, oldestMs: number): void {
    if (oldestMs > 0) this.#oldestMs = Math.min(this.#oldestMs, oldestMs);
    if (result !== undefined && this.#passage.queuedBytes === 0) this.tell();
  }

  /** Nothing waits in the worker any more. */
  tell(): void {
    const oldestMs = this.#oldestMs;
    this.#oldestMs = Number.POSITIVE_INFINITY;
    if (oldestMs < Number.POSITIVE_INFINITY)
      this.#onWritten(oldestMs, this.#passage.counts.total().lastWriteMs);
  }
}
