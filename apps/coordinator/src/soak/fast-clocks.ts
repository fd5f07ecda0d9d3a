import { type Clock, systemClock } from "@waybill/protocols";

/** The clocks of a run in which time passes faster than it does. */
export interface FastClocks {
  /** Milliseconds of simulated time that have passed. */
  elapsedMs(): number;
  /**
   * For the coordinator: entries, ages and the names of files are by simulated time. Timers and the monotonic clock stay
   * real: flushes, retries and the latencies of hops are work, and work does not get faster.
   */
  readonly clock: Clock;
  /** For the monitor: its windows, rates and forecasts are by simulated time too. */
  readonly monitorClock: Clock;
}

/** @param factor - simulated seconds in a real one. @param real - default: the clock of this process. */
export function createFastClocks(factor: number, real: Clock = systemClock): FastClocks {
  const startMs = real.now();
  const startUs = real.monotonicUs();
  const elapsedUs = (): number => (real.monotonicUs() - startUs) * factor;
  const now = (): number => startMs + Math.floor(elapsedUs() / 1000);
  const setTimer: Clock["setTimer"] = (callback, delayMs) => real.setTimer(callback, delayMs);
  return {
    elapsedMs: () => elapsedUs() / 1000,
    clock: { now, monotonicUs: () => real.monotonicUs(), setTimer },
    monitorClock: { now, monotonicUs: () => startUs + Math.round(elapsedUs()), setTimer },
  };
}
