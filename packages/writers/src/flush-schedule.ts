import type { Clock, Timer } from "@waybill/protocols";

/** Something with bytes that wait to be written. */
export interface Flushable {
  /** Writes what waits. Must not throw. */
  flushPending(): void;
}

/**
 * One timer for all streams that share a flush interval: armed by the first that has something to write, silent while
 * none has.
 */
export class FlushSchedule {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  #due: Flushable[] = [];
  #timer: Timer | undefined;

  constructor(clock: Clock, intervalMs: number) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
  }

  /** Has `stream` flushed at the next tick, at most `intervalMs` from now. Call once per tick and stream. */
  add(stream: Flushable): void {
    this.#due.push(stream);
    this.#timer ??= this.#clock.setTimer(() => this.#tick(), this.#intervalMs);
  }

  #tick(): void {
    this.#timer = undefined;
    const due = this.#due;
    this.#due = [];
    for (const stream of due) stream.flushPending();
  }
}
