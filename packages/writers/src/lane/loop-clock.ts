import { type Clock, systemClock, type Timer } from "@waybill/protocols";

interface Due {
  readonly atUs: number;
  readonly callback: () => void;
}

/** A clock for a thread that sleeps in `Atomics.wait` and so has no event loop: its loop runs the timers. */
export interface LoopClock extends Clock {
  /**
   * Runs what is due, in order of time; what that sets is left for the next call. An error of a callback is thrown
   * here, and what was due behind it is left too.
   */
  runDue(): void;
  /** Milliseconds until the next timer is due; Infinity when there is none. */
  untilNextMs(): number;
}

/** Timers are few (one per failing stream), so a plain set is searched. */
export function createLoopClock(): LoopClock {
  const timers = new Set<Due>();
  return {
    now: systemClock.now,
    monotonicUs: systemClock.monotonicUs,
    setTimer(callback, delayMs): Timer {
      const timer: Due = { atUs: systemClock.monotonicUs() + delayMs * 1000, callback };
      timers.add(timer);
      return { cancel: () => timers.delete(timer) };
    },
    runDue() {
      const nowUs = systemClock.monotonicUs();
      const due = [...timers].filter(({ atUs }) => atUs <= nowUs).sort((a, b) => a.atUs - b.atUs);
      for (const timer of due) {
        // Another callback may have cancelled it.
        if (timers.delete(timer)) timer.callback();
      }
    },
    untilNextMs() {
      let nextUs = Number.POSITIVE_INFINITY;
      for (const { atUs } of timers) nextUs = Math.min(nextUs, atUs);
      return Math.max(0, (nextUs - systemClock.monotonicUs()) / 1000);
    },
  };
}
