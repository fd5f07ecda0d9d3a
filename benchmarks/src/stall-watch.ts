import { monitorEventLoopDelay } from "node:perf_hooks";

/** How long the event loop stood still. */
export interface Stalls {
  /** Milliseconds of the longest stall, by `monitorEventLoopDelay` or by our own ticks, whichever saw more. */
  readonly longestMs: number;
  /** Milliseconds, of `monitorEventLoopDelay`. */
  readonly p99Ms: number;
}

const tickMs = 1;

/**
 * Watches the event loop of this thread until the result is asked for. A tick of 1 ms beside the histogram of Node, as
 * that one misses a stall which begins before its first sample.
 */
export function watchStalls(): () => Stalls {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  let longestMs = 0;
  let seenMs = performance.now();
  const look = (): void => {
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - seenMs - tickMs);
    seenMs = nowMs;
  };
  const timer = setInterval(look, tickMs);
  return () => {
    look();
    clearInterval(timer);
    histogram.disable();
    return {
      longestMs: Math.max(longestMs, histogram.max / 1e6 - tickMs),
      p99Ms: histogram.percentile(99) / 1e6,
    };
  };
}
