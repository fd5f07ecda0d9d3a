/** A pending call of {@link Clock.setTimer}. */
export interface Timer {
  /** Prevents the call if it has not happened; harmless afterwards. */
  cancel(): void;
}

/** Time as a port, so that tests need no real waiting. */
export interface Clock {
  /** Milliseconds since the epoch, integer. May jump when the system clock is set. */
  now(): number;
  /** Microseconds since an arbitrary start, integer; never goes back within one process. */
  monotonicUs(): number;
  /**
   * Calls `callback` once after `delayMs` milliseconds (≥ 0). The timer does not keep the process alive: whoever
   * holds data at exit flushes it there.
   */
  setTimer(callback: () => void, delayMs: number): Timer;
}

/** `setTimeout` runs at once, with a warning, what shall wait longer than 2^31 − 1 ms (24.8 days). */
const timeoutMaxMs = 2_147_483_647;

function setUnreferencedTimer(callback: () => void, delayMs: number): Timer {
  let handle: NodeJS.Timeout | undefined;
  const wait = (restMs: number): void => {
    const partMs = Math.min(restMs, timeoutMaxMs);
    handle = setTimeout(() => (restMs > partMs ? wait(restMs - partMs) : callback()), partMs);
    handle.unref();
  };
  wait(delayMs);
  return { cancel: () => clearTimeout(handle) };
}

/** The clock of this process. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicUs: () => Math.round(performance.now() * 1000),
  setTimer: setUnreferencedTimer,
};
