import type { PerformanceConfig } from "@waybill/config";
import type { StreamOptions, WriterPoolOptions } from "@waybill/writers";

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
    compressDelayMs: Math.round(performance.compressionDelaySeconds * 1000),
    queueBytesMax: Math.max(queueBytesMin, Math.floor(performance.queueLimitMb * bytesPerMb)),
    overflow: performance.overflow,
    blockMsMax: performance.overflowWaitMs,
    rotate: performance.rotate,
    timeZone: performance.timeZone,
  };
}

/** What the `performance` section means for all streams together. */
export function poolOptionsOf(
  performance: PerformanceConfig,
): Pick<WriterPoolOptions, "queuesBytesMax" | "descriptorsMax"> {
  const { totalQueueLimitMb, maxOpenFiles } = performance;
  return {
    queuesBytesMax: Math.floor(totalQueueLimitMb * bytesPerMb),
    ...(maxOpenFiles === undefined ? {} : { descriptorsMax: maxOpenFiles }),
  };
}
