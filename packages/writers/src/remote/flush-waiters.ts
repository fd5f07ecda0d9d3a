import type { WaybillError } from "@waybill/protocols";
import { settledWithin } from "./settled-within.ts";

interface FlushWaiter {
  readonly resolve: () => void;
  readonly reject: (error: WaybillError) => void;
  /** Entries dropped when it began: one more, and its promise is broken. */
  readonly dropped: number;
  /** Whether it also waits for the active segment to be sealed, still. */
  isSeal: boolean;
}

/** Those who wait for one flush, some of them for a seal behind it. */
export class FlushWaiters {
  #waiting: FlushWaiter[] = [];

  get size(): number {
    return this.#waiting.length;
  }

  /** What they wait for. */
  get kind(): "flush" | "seal" {
    return this.#waiting.some(({ isSeal }) => isSeal) ? "seal" : "flush";
  }

  /** @param dropped - entries that the stream has dropped so far. */
  add(dropped: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject, dropped, isSeal: false });
    });
  }

  /** The same for a seal. @returns whether it was made in time. */
  addSeal(dropped: number, msMax: number): Promise<boolean> {
    const flushed = this.add(dropped);
    const waiter = this.#waiting.at(-1) as FlushWaiter;
    waiter.isSeal = true;
    return settledWithin(flushed, msMax).finally(() => {
      waiter.isSeal = false;
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
      const isFlushed = failure === undefined || failure.code === "WAYBILL_SEAL_FAILED";
      if (failure !== undefined && (waiter.isSeal || !isFlushed)) waiter.reject(failure);
      else if (lost > 0) waiter.reject(lossOf(lost));
      else waiter.resolve();
    }
  }
}
