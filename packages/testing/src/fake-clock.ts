import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "@waybill/protocols";

/** Options of {@link createFakeClock}. */
export interface FakeClockOptions {
  /** Wall clock at the start, milliseconds since the epoch, integer. Default 2026-01-01T00:00:00.000Z. */
  readonly nowMs?: number;
}

/** A {@link Clock} whose time stands still until a test moves it. */
export interface FakeClock extends Clock {
  /**
   * Moves both clocks forward and runs every timer that falls due, in order of time and then of setting, including
   * timers set by the callbacks themselves. An error of a callback is thrown here; time then stands at that timer.
   *
   * @param ms - milliseconds ≥ 0, fractions allowed down to a microsecond.
   * @throws {RangeError} when `ms` is negative or no number, or after 100 000 timers in one call: a timer that sets
   * itself again with a delay of 0 would never end.
   */
  advance(ms: number): void;
  /** As {@link FakeClock.advance}, and lets all promise callbacks run before the first timer and after each. */
  advanceAsync(ms: number): Promise<void>;
  /**
   * Sets the wall clock, forward or back, as an administrator or NTP does. Timers and the monotonic clock do not
   * notice.
   *
   * @param nowMs - milliseconds since the epoch, integer.
   */
  setNow(nowMs: number): void;
  /** Timers that are neither run nor cancelled. */
  readonly pendingTimers: number;
}

interface PendingTimer {
  readonly dueUs: number;
  readonly callback: () => void;
}

const timersMax = 100_000;

/** Creates a clock for tests: nothing happens until {@link FakeClock.advance}. */
export function createFakeClock({ nowMs = Date.UTC(2026, 0, 1) }: FakeClockOptions = {}): FakeClock {
  let elapsedUs = 0;
  let epochMs = nowMs;
  // A Set keeps the order of setting, which decides between timers of the same time.
  const timers = new Set<PendingTimer>();

  /** Moves time to the next due timer and runs it. @returns false when none is due by `targetUs`. */
  function runNext(targetUs: number): boolean {
    let next: PendingTimer | undefined;
    for (const timer of timers) {
      if (timer.dueUs <= targetUs && (next === undefined || timer.dueUs < next.dueUs)) next = timer;
    }
    if (next === undefined) return false;
    timers.delete(next);
    elapsedUs = Math.max(elapsedUs, next.dueUs);
    next.callback();
    return true;
  }

  function targetAfter(ms: number): number {
    if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY)) throw new RangeError(`cannot advance by ${ms} ms`);
    return elapsedUs + Math.round(ms * 1000);
  }

  function countRun(timersRun: number): number {
    if (timersRun >= timersMax) throw new RangeError(`more than ${timersMax} timers in one advance`);
    return timersRun + 1;
  }

  return {
    now: () => epochMs + Math.floor(elapsedUs / 1000),
    monotonicUs: () => elapsedUs,
    setTimer(callback, delayMs) {
      const delayUs = delayMs > 0 ? Math.round(delayMs * 1000) : 0;
      const timer: PendingTimer = { dueUs: elapsedUs + delayUs, callback };
      timers.add(timer);
      return { cancel: () => void timers.delete(timer) };
    },
    advance(ms) {
      const targetUs = targetAfter(ms);
      let timersRun = 0;
      while (runNext(targetUs)) timersRun = countRun(timersRun);
      elapsedUs = Math.max(elapsedUs, targetUs);
    },
    async advanceAsync(ms) {
      const targetUs = targetAfter(ms);
      let timersRun = 0;
      // One turn of the event loop runs every promise callback that is ready, however long the chain.
      await nextTurn();
      while (runNext(targetUs)) {
        timersRun = countRun(timersRun);
        await nextTurn();
      }
      elapsedUs = Math.max(elapsedUs, targetUs);
    },
    setNow(wallMs) {
      epochMs = wallMs - Math.floor(elapsedUs / 1000);
    },
    get pendingTimers() {
      return timers.size;
    },
  };
}
