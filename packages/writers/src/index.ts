// For whoever writes a log.

export { type Gap, type GapReason, gapMessage } from "@waybill/protocols";
// For whoever owns many streams: coordinators, tools.
export { compressSegment } from "./compressor.ts";
export type { WriterFailure } from "./failure.ts";
export { type FileWriterOptions, openFileWriter } from "./open-file-writer.ts";
export type { StreamOptions, WriterMode } from "./writer-options.ts";
export {
  createWriterPool,
  type WriterPool,
  type WriterPoolOptions,
  type WriterPoolPorts,
  type WriterPoolStatus,
} from "./writer-pool.ts";
