import { performance } from "node:perf_hooks";
import { type Clock, systemClock, type Timer } from "@waybill/protocols";
import { createLatencyHistogram, quantileOf } from "./latency-histogram.ts";

/** How the event loop did since the last reading. */
export interface EventLoopReading {
  /** Milliseconds by which timers were late: mean, 99th percentile, and the longest stall. */
  readonly delayMeanMs: number;
  readonly delayP99Ms: number;
  readonly delayMaxMs: number;
  /** Share of the time in which the loop was busy, 0 to 1. */
  readonly utilization: number;
}

/** Measures the event loop of this thread until it is stopped. It does not keep the process alive. */
export interface EventLoopGauge {
  /** What happened since the last reading, or since the creation; a stall that still lasts included. */
  read(): EventLoopReading;
  /** Ends the measuring; idempotent. */
  stop(): void;
}

/** Options of {@link createEventLoopGauge}. */
export interface EventLoopGaugeOptions {
  /** Milliseconds between two looks, integer 1 to 1000; shorter stalls may go unseen. Default 20. */
  readonly resolutionMs?: number;
}

/**
 * Starts measuring.
 *
 * With a timer of its own: `monitorEventLoopDelay` of `node:perf_hooks` throws the running interval away when it is
 * reset, so a stall around a reading, such as one that the reader itself causes, is in no reading (seen with Node 20).
 *
 * @param clock - default that of this process.
 * @throws {RangeError} for a wrong `resolutionMs`.
 */
export function createEventLoopGauge(
  { resolutionMs = 20 }: EventLoopGaugeOptions = {},
  clock: Clock = systemClock,
): EventLoopGauge {
  if (!Number.isInteger(resolutionMs) || resolutionMs < 1 || resolutionMs > 1000)
    throw new RangeError(`resolutionMs must be an integer from 1 to 1000, not ${resolutionMs}`);
  let delays = createLatencyHistogram();
  let before = performance.eventLoopUtilization();
  let timer: Timer | undefined;
  let dueUs = 0;

  const look = (): void => {
    delays.record(Math.max(0, clock.monotonicUs() - dueUs));
    wait();
  };
  const wait = (): void => {
    dueUs = clock.monotonicUs() + resolutionMs * 1000;
    timer = clock.setTimer(look, resolutionMs);
  };
  wait();

  return {
    read() {
      if (timer !== undefined && clock.monotonicUs() > dueUs) {
        timer.cancel();
        look();
      }
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, before);
      before = now;
      const counted = delays.snapshot();
      delays = createLatencyHistogram();
      return {
        delayMeanMs: counted.count === 0 ? 0 : counted.sumUs / counted.count / 1000,
        delayP99Ms: (quantileOf(counted, 0.99) ?? 0) / 1000,
        delayMaxMs: counted.maxUs / 1000,
        utilization,
      };
    },
    stop() {
      timer?.cancel();
      timer = undefined;
    },
  };
}
