// For users: trace events between containers, and look at their flows.

export { type AssembleOptions, assembleFlow, assembleFlows } from "./assemble-flows.ts";
export type { ExternalEvent, InternalEvent } from "./document-events.ts";
export { createEventFlowTracer, type EventFlowTracer } from "./event-flow-tracer.ts";
export { createEventIds } from "./event-ids.ts";
export { type FailureHop, type FirstFailure, findFirstFailure } from "./first-failure.ts";
export type { ContainerShare, Flow, FlowOutcome, Hop, HopClock, HopStatus, LiveFlow } from "./flow.ts";
export type { FlowEvent, PublishedEvent } from "./flow-event.ts";
// For package authors: rebuild flows from entries, measure them, and find what failed first.
export {
  type FlowTraceContext,
  flowComponentName,
  formatFlowRecord,
  parseFlowRecord,
} from "./flow-record.ts";
export { formatDurationMs } from "./format-duration.ts";
export { type FlowLineOptions, formatFlowLine } from "./format-flow-line.ts";
export { latencyByTier, type TierLatency } from "./latency-by-tier.ts";
export type { LiveTierStats } from "./live-hops.ts";
export { createLogHistogram, type HistogramBucket, type LogHistogram } from "./log-histogram.ts";
export type { Quantiles } from "./quantiles.ts";
export type { EventFlowTracerOptions, EventFlowTracerPorts } from "./tracer-options.ts";
export type { EventFlowTracerStats } from "./tracer-stats.ts";
