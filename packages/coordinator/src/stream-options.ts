import type { PerformanceConfig } from "@waybill/config";
import type { StreamOptions } from "@waybill/writers";

const bytesPerMb = 1_048_576;
/** What writers accept at least; a configured size below it means the smallest possible. */
const segmentBytesMin = 1024;
const queueBytesMin = 4096;

/** What the `performance` section means for each stream. */
export function streamOptionsOf(performance: PerformanceConfig): StreamOptions {
  return {
    mode: performance.mode,
    batchEntriesMax: performance.batchSize,
    flushIntervalMs: Math.max(1, Math.round(performance.flushIntervalSeconds * 1000)),
    segmentBytesMax: Math.max(segmentBytesMin, Math.floor(performance.maxFileSizeMb * bytesPerMb)),
    compress: performance.enableCompression,
    queueBytesMax: Math.max(queueBytesMin, Math.floor(performance.queueLimitMb * bytesPerMb)),
  };
}
