/**
 * Names the monotonic clock of the running thread: process id and start of the clock in microseconds, base 36.
 *
 * Derived instead of drawn at random, so that all tracers on one clock agree, also from two copies of this package,
 * and threads disagree exactly when the runtime gives them different clocks.
 */
export function currentClockId(): string {
  return `${process.pid.toString(36)}-${Math.round(performance.timeOrigin * 1000).toString(36)}`;
}
