/** Of all time, so much may be spent on waiting. */
const waitShare = 0.02;
/** Milliseconds of waiting that can be saved up while nobody waits. Also the most that can be owed. */
const savedMsMax = 20;

/**
 * How long the calls of all streams of a pool may wait for the worker, together.
 *
 * To hand one line to another thread and hear that it is written takes 35 to 90 µs, most of it the waking of two
 * threads (`benchmarks/src/write` with `writeThrough` on and off). That is nothing for the error before a crash, and
 * half of all time for an application in a storm of 6,000 errors a second. So there is a budget: it grows by 2 % of the
 * time that passes, and each wait is taken from it.
 */
export class WaitBudget {
  #savedMs = savedMsMax;
  #atMs: number;

  /** @param nowMs - on a monotonic clock, as all times here. */
  constructor(nowMs: number) {
    this.#atMs = nowMs;
  }

  /** Whether a call may wait now. */
  allows(nowMs: number): boolean {
    this.#savedMs = Math.min(savedMsMax, this.#savedMs + (nowMs - this.#atMs) * waitShare);
    this.#atMs = nowMs;
    return this.#savedMs > 0;
  }

  /** Takes a wait from the budget. One wait may be longer than what is left. */
  spend(waitedMs: number): void {
    this.#savedMs = Math.max(-savedMsMax, this.#savedMs - waitedMs);
  }
}
