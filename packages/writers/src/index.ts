// For whoever writes a log.

export { type Gap, type GapReason, gapMessage } from "@waybill/protocols";
// For whoever owns many streams: coordinators, tools.
export { compressSegment } from "./compressor.ts";
export { type ExitFlushable, flushAtExit } from "./exit-flush.ts";
export type { WriterFailure } from "./failure.ts";
export { type FileWriterOptions, openFileWriter } from "./open-file-writer.ts";
export { isLockedByOthers, type LockPorts } from "./ownership/locked-by-others.ts";
export { type SweepLocksOptions, sweepLocks } from "./ownership/sweep-locks.ts";
export { createSpaceBudget, type SpaceBudget, type SpaceBudgetOptions } from "./space/space-budget.ts";
export type { StreamOptions, WriterMode } from "./writer-options.ts";
export {
  createWriterPool,
  type PoolStream,
  type WriterPool,
  type WriterPoolChanges,
  type WriterPoolOptions,
  type WriterPoolPorts,
  type WriterPoolStatus,
} from "./writer-pool.ts";
