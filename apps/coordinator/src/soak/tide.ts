import { setTimeout as sleep } from "node:timers/promises";

/** How much a soak logs at the moment. */
export type Weather = "calm" | "storm";

const cycleMs = 15_000;
const stormFromMs = 3000;
const stormUntilMs = 7000;
/** A storm is so many times as fast as a calm. */
const stormTimes = 5;

/** The weather of a soak: 4 seconds of storm in every 15, so that alerts have something to begin and to end with. */
export function weatherAt(elapsedMs: number): Weather {
  const inCycleMs = elapsedMs % cycleMs;
  return inCycleMs >= stormFromMs && inCycleMs < stormUntilMs ? "storm" : "calm";
}

/**
 * Waits before each bar as the weather has it.
 *
 * @param perSecond - bars per second in a calm.
 * @param elapsedMs - milliseconds since the soak began.
 */
export function createTide(
  perSecond: number,
  elapsedMs: () => number,
): (signal: AbortSignal | undefined) => Promise<void> {
  let dueMs = elapsedMs();
  return async (signal) => {
    const rate = weatherAt(elapsedMs()) === "storm" ? perSecond * stormTimes : perSecond;
    // What could not be kept up with is not caught up: that would be a storm of its own.
    dueMs = Math.max(dueMs + 1000 / rate, elapsedMs());
    const waitMs = dueMs - elapsedMs();
    if (waitMs < 1) return;
    // An aborted wait is the end of the stream, which the caller sees by the signal.
    await sleep(waitMs, undefined, { signal }).catch(() => undefined);
  };
}
