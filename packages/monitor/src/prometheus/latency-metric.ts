import { countUpTo, type HistogramSnapshot } from "../gauges/latency-histogram.ts";
import type { HistogramSamples } from "./exposition.ts";

/** Powers of two from 64 µs to 16.8 s: there the counts of our histograms are exact. */
const boundsUs: readonly number[] = Array.from({ length: 19 }, (_, index) => 2 ** (6 + index));

/** A histogram in seconds, as Prometheus wants it. */
export function latencyMetric(snapshot: HistogramSnapshot): HistogramSamples {
  return {
    upTo: boundsUs.map((boundUs) => [boundUs / 1e6, countUpTo(snapshot, boundUs)]),
    count: snapshot.count,
    sum: snapshot.sumUs / 1e6,
  };
}
