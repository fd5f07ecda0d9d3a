import { monitorEventLoopDelay } from "node:perf_hooks";
import { setImmediate } from "node:timers/promises";
import { quantile } from "../statistics.ts";
import type { Contestant, Stream } from "./contestant.ts";
import { createEventTrace } from "./trace-events.ts";
import { type BenchEntry, entryAt } from "./workload.ts";

/** Entries between two turns of the event loop, the same for all: an application does not log for seconds on end. */
const entriesPerTurn = 1000;
/** Every so many entries one call is timed. A prime, so that it falls on all files and shapes alike. */
const sampleEvery = 17;

/** What one run has cost. */
export interface Measured {
  /** Microseconds per file to open the logger and its files and to log the first entry of each. */
  readonly openUsPerFile: number;
  /** Nanoseconds per further entry, until everything is on disk and closed. */
  readonly nsPerEntry: number;
  /** Nanoseconds of one call. */
  readonly callP50: number;
  readonly callP99: number;
  readonly callP999: number;
  /** Milliseconds that the event loop was late. */
  readonly loopDelayP99: number;
  /** MB of memory at the highest. */
  readonly peakRssMb: number;
}

/** Opens a contestant, gives it one entry per file and then all entries of the workload, and closes it. */
export async function measure(
  open: () => Contestant | Promise<Contestant>,
  streams: readonly Stream[],
  entries: number,
  hasFanOut: boolean,
): Promise<Measured> {
  const openingStart = process.hrtime.bigint();
  const contestant = await open();
  for (let index = 0; index < streams.length; index++) contestant.write(entryAt(index, streams.length));
  await contestant.opened?.();
  const openingNs = Number(process.hrtime.bigint() - openingStart);
  await setImmediate();

  const trace = hasFanOut ? createEventTrace(contestant, streams) : undefined;
  const samples = new Float64Array(Math.ceil(entries / sampleEvery));
  const writeOne = (entry: BenchEntry): void => {
    contestant.write(entry);
    if (entry.isTraced && trace !== undefined) trace(entry);
  };
  const loopDelay = monitorEventLoopDelay({ resolution: 1 });
  loopDelay.enable();
  const start = process.hrtime.bigint();
  for (let index = 0; index < entries; index++) {
    const entry = entryAt(index, streams.length);
    if (index % sampleEvery === 0) {
      const before = process.hrtime.bigint();
      writeOne(entry);
      samples[index / sampleEvery] = Number(process.hrtime.bigint() - before);
    } else {
      writeOne(entry);
    }
    if (index % entriesPerTurn === entriesPerTurn - 1) await setImmediate();
  }
  await contestant.close();
  const elapsedNs = Number(process.hrtime.bigint() - start);
  loopDelay.disable();
  return {
    openUsPerFile: openingNs / 1000 / streams.length,
    nsPerEntry: elapsedNs / entries,
    callP50: quantile(samples, 0.5),
    callP99: quantile(samples, 0.99),
    callP999: quantile(samples, 0.999),
    loopDelayP99: loopDelay.percentile(99) / 1e6,
    peakRssMb: process.resourceUsage().maxRSS / 1024,
  };
}
