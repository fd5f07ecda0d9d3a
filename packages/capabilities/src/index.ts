// Attach a capability to a component, and read it back.

// For package authors: to name the types of results, and to find members under any name.
export type { AttachMode } from "./attach.ts";
export type { Attached } from "./attached.ts";
export { targetOf } from "./attachment.ts";
export type { CaptureLimits } from "./capture-state.ts";
export type { WithDebugging } from "./debugging.ts";
export {
  attachDebugging,
  type DebuggingHandle,
  type DebuggingMembers,
  type DebuggingOptions,
  debuggingOf,
} from "./debugging.ts";
export { debuggingKey, loggingKey, timingKey, tracingKey } from "./keys.ts";
export type { LoggingMembersOf, WithLogging } from "./logging.ts";
export {
  attachLogging,
  type LoggingHandle,
  type LoggingMembers,
  type LoggingOptions,
  loggingOf,
} from "./logging.ts";
export type { WithTiming } from "./timing.ts";
export {
  attachTiming,
  type MethodTiming,
  type TimingHandle,
  type TimingMembers,
  type TimingOptions,
  timingOf,
} from "./timing.ts";
export type { TracingMembersOf, WithTracing } from "./tracing.ts";
export {
  attachTracing,
  type TracingHandle,
  type TracingName,
  type TracingOptions,
  tracingOf,
} from "./tracing.ts";
