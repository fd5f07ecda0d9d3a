// For users: run work inside a correlation, and ask for it.

// For users: over queues, emitters, threads, processes and HTTP.
export { bindCorrelation } from "./bind.ts";
export type { CarrierKind } from "./carrier.ts";
export {
  continueCorrelation,
  type ExtractedCorrelation,
  extractCorrelation,
  injectCorrelation,
} from "./carriers.ts";
export type { CorrelationContext } from "./context.ts";
// For package authors: ids and the W3C trace context.
export { cleanId, idLengthMax, newCorrelationId } from "./correlation-id.ts";
export { type WrapEmitterOptions, wrapEmitter } from "./emitter.ts";
export type { HistoryStats } from "./history.ts";
export {
  currentCorrelation,
  getCorrelationId,
  type RunOptions,
  runWithCorrelation,
  runWithParentEvent,
} from "./run.ts";
export {
  deriveTraceParent,
  formatTraceparent,
  isSpanId,
  isTraceId,
  parseTraceparent,
  type TraceParent,
} from "./traceparent.ts";
export {
  type CorrelationTracker,
  type CorrelationTrackerOptions,
  type CorrelationTrackerStats,
  createCorrelationTracker,
} from "./tracker.ts";
