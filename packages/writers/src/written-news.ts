import type { Clock } from "@waybill/protocols";

/** Writes that are kept until they are told; more in one turn of the event loop are told as one. */
const keptMax = 1024;

/**
 * Tells somebody of completed writes, soon after and never in the midst of one: of some it is heard while the next is
 * being made, and who is told may log.
 */
export class WrittenNews {
  readonly #clock: Clock;
  readonly #onWritten: (oldestMs: number, writtenMs: number) => void;
  #kept: { oldestMs: number; writtenMs: number }[] = [];

  /** @param onWritten - must not throw. */
  constructor(clock: Clock, onWritten: (oldestMs: number, writtenMs: number) => void) {
    this.#clock = clock;
    this.#onWritten = onWritten;
  }

  /** @param oldestMs - when the oldest entry of the write came in. @param writtenMs - when it was written. */
  add(oldestMs: number, writtenMs: number): void {
    const last = this.#kept.length === keptMax ? this.#kept.at(-1) : undefined;
    if (last === undefined) {
      if (this.#kept.length === 0) this.#clock.setTimer(() => this.tell(), 0);
      this.#kept.push({ oldestMs, writtenMs });
    } else {
      last.oldestMs = Math.min(last.oldestMs, oldestMs);
      last.writtenMs = Math.max(last.writtenMs, writtenMs);
    }
  }

  /** Tells what waits now. */
  tell(): void {
    const kept = this.#kept;
    this.#kept = [];
    for (const { oldestMs, writtenMs } of kept) this.#onWritten(oldestMs, writtenMs);
  }
}
