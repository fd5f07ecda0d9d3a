import { setTimeout as sleep } from "node:timers/promises";

/** Waits so long before each bar that `perSecond` of them pass in a second, counted from the first. */
export function createPace(perSecond: number): (signal: AbortSignal | undefined) => Promise<void> {
  let startedMs: number | undefined;
  let count = 0;
  return async (signal) => {
    startedMs ??= performance.now();
    const dueMs = startedMs + (count * 1000) / perSecond;
    count += 1;
    const waitMs = dueMs - performance.now();
    if (waitMs <= 0) return;
    // An aborted wait is the end of the stream, which the caller sees by the signal.
    await sleep(waitMs, undefined, { signal }).catch(() => undefined);
  };
}
