import type { WaybillError } from "@waybill/protocols";

interface FlushWaiter {
  readonly resolve: () => void;
  readonly reject: (error: WaybillError) => void;
  /** Entries dropped when it began: one more, and its promise is broken. */
  readonly dropped: number;
}

/** Those who wait for one flush. */
export class FlushWaiters {
  #waiting: FlushWaiter[] = [];

  get size(): number {
    return this.#waiting.length;
  }

  /** @param dropped - entries that the stream has dropped so far. */
  add(dropped: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject, dropped });
    });
  }

  /** Takes all out, for one flush that is requested for them. */
  take(): FlushWaiters {
    const taken = new FlushWaiters();
    taken.#waiting = this.#waiting;
    this.#waiting = [];
    return taken;
  }

  /** Puts those back whose flush came to nothing, before those who came later. */
  putBack(taken: FlushWaiters): void {
    this.#waiting.unshift(...taken.#waiting);
    taken.#waiting = [];
  }

  rejectAll(error: WaybillError): void {
    for (const { reject } of this.take().#waiting) reject(error);
  }

  /**
   * Tells all what became of their flush.
   *
   * @param failure - undefined when it was made.
   * @param dropped - entries that the stream has dropped by now.
   * @param lossOf - the error for one whose flush was made, but not of all entries.
   */
  settle(
    failure: WaybillError | undefined,
    dropped: number,
    lossOf: (entries: number) => WaybillError,
  ): void {
    for (const waiter of this.take().#waiting) {
      const lost = dropped - waiter.dropped;
      if (failure !== undefined) waiter.reject(failure);
      else if (lost > 0) waiter.reject(lossOf(lost));
      else waiter.resolve();
    }
  }
}
