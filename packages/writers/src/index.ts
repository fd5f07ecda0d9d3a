// For whoever writes a log.

// For whoever owns many streams: coordinators, tools.
export { compressSegment } from "./compressor.ts";
export type { WriterFailure } from "./failure.ts";
export { type Gap, type GapReason, gapMessage } from "./gap-entry.ts";
export { type FileWriterOptions, openFileWriter } from "./open-file-writer.ts";
export type { StreamOptions, WriterMode } from "./writer-options.ts";
export {
  createWriterPool,
  type WriterPool,
  type WriterPoolOptions,
  type WriterPoolPorts,
  type WriterPoolStatus,
} from "./writer-pool.ts";
