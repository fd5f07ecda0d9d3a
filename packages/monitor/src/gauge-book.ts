import { createContainerGaugeBook } from "./gauges/container-gauges.ts";
import { createHistogramWindow } from "./gauges/histogram-window.ts";
import { type HistogramSnapshot, quantileOf } from "./gauges/latency-histogram.ts";
import { entriesIn, errorsIn } from "./gauges/level-counts.ts";
import { createRateWindow, type RateWindow } from "./gauges/rate-window.ts";
import type { TreeGauges } from "./gauges/tree-gauges.ts";
import type { LatencyGauges, MonitorSnapshot, WriterGauges } from "./snapshot.ts";
import type { Measurements, WriterTotals } from "./sources.ts";

/** What of a snapshot is computed from measurements. */
export type Gauges = Omit<MonitorSnapshot, "atMs" | "uptimeMs" | "unmeasured" | "monitor">;

/** Turns measurements into gauges, and remembers what rates and windows need. */
export interface GaugeBook {
  /** @param atMs - monotonic milliseconds. */
  measure(atMs: number, measurements: Measurements): Gauges;
}

/** @param windowMs - milliseconds of rates and quantiles. */
export function createGaugeBook(windowMs: number, tree: TreeGauges): GaugeBook {
  const containers = createContainerGaugeBook(windowMs);
  const rates = new Map<string, RateWindow>();
  const latencies = createHistogramWindow(windowMs);

  /** What a counter held before the first reading has no time, so it is in no rate. */
  const perMinute = (name: string, atMs: number, total: number): number => {
    let rate = rates.get(name);
    if (rate === undefined) {
      rate = createRateWindow(windowMs, atMs, total);
      rates.set(name, rate);
    }
    rate.add(atMs, total);
    return rate.perMinute();
  };
  const writerGauges = (atMs: number, writers: WriterTotals): WriterGauges => ({
    ...writers,
    droppedPerMinute: perMinute("dropped", atMs, writers.dropped),
    bytesPerSecond: perMinute("bytes", atMs, writers.bytesWritten) / 60,
  });
  const latencyGauges = (atMs: number, total: HistogramSnapshot): LatencyGauges => {
    const recent = latencies.add(atMs, total);
    const milliseconds = (share: number): number | undefined => {
      const us = quantileOf(recent, share);
      return us === undefined ? undefined : us / 1000;
    };
    const maxMs = recent.count === 0 ? undefined : recent.maxUs / 1000;
    return { total, p50Ms: milliseconds(0.5), p99Ms: milliseconds(0.99), maxMs };
  };

  return {
    measure(atMs, { tree: usage, device, entries, writers, latency, lifecycle, eventLoop, descriptors }) {
      return {
        disk: tree.measure(atMs, usage, device),
        entries: entries && {
          byLevel: entries.byLevel,
          perMinute: perMinute("entries", atMs, entriesIn(entries.byLevel)),
          errorsPerMinute: perMinute("errors", atMs, errorsIn(entries.byLevel)),
        },
        containers: containers.measure(atMs, entries?.containers, usage?.containers),
        writers: writers && writerGauges(atMs, writers),
        latency: latency && latencyGauges(atMs, latency),
        eventLoop,
        descriptors,
        lifecycle,
      };
    },
  };
}
