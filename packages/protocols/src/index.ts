// The six protocols, each with its structural guard.

// The ports, and the real ones of this process.
export { type Clock, systemClock, type Timer } from "./clock.ts";
export { type ContainerAware, isContainerAware } from "./container-aware.ts";
export { type CorrelationAware, isCorrelationAware } from "./correlation-aware.ts";
export { type Debuggable, isDebuggable } from "./debuggable.ts";
// The words: entries, flows, levels, scopes, errors.
export type { EntryInput, EntrySource, LogContext, LogEntry } from "./entry.ts";
export {
  type ErrorCode,
  errorCodes,
  isWaybillError,
  WaybillError,
  type WaybillErrorOptions,
} from "./errors.ts";
export { type EventTrackable, isEventTrackable } from "./event-trackable.ts";
export {
  type DirectoryEntry,
  type FileKind,
  type FileStat,
  type FileSystem,
  nodeFileSystem,
  toFileKind,
  toFileStat,
} from "./file-system.ts";
export type { FlowPhase, FlowRecord, FlowStatus } from "./flow.ts";
export { type Gap, type GapReason, gapEntry, gapLevel, gapMessage } from "./gap.ts";
export { isLevel, type Level, levelSpellings, levels, parseLevel, severityOf } from "./level.ts";
export { isLifecycleManaged, type LifecycleManaged } from "./lifecycle-managed.ts";
export { isLoggable, type Loggable } from "./loggable.ts";
export { defaultTiers, type EventScope, eventScopes, type Tier } from "./scope.ts";
export type { Writer, WriterState, WriterStatus } from "./writer.ts";
