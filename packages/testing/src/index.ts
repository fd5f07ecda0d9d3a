// For your own tests: time, and places where entries go.

// For authors of writers, clocks and file systems: the suites that theirs must pass.
export { type ClockConformanceSubject, clockConformance } from "./conformance/clock-conformance.ts";
export {
  type FileSystemConformanceSubject,
  fileSystemConformance,
} from "./conformance/file-system-conformance.ts";
export type { ConformanceRunner, Expectation } from "./conformance/runner.ts";
export {
  type ReadBackEntry,
  type WriterConformanceSubject,
  writerConformance,
} from "./conformance/writer-conformance.ts";
export { createFakeClock, type FakeClock, type FakeClockOptions } from "./fake-clock.ts";
// Disks that fail, processes that die, power that goes.
export type { Fault, FaultEffect, FaultTrigger, InjectedFault, Verb } from "./faulty-file-system/fault.ts";
export {
  type FaultMode,
  type FaultPoint,
  type FaultPointOptions,
  type FaultPointReport,
  forEachFaultPoint,
} from "./faulty-file-system/fault-points.ts";
export {
  createFaultyFileSystem,
  type FaultyFileSystem,
  type PowerLossState,
} from "./faulty-file-system/faulty-file-system.ts";
export type { PowerLossKind } from "./faulty-file-system/file-content.ts";
export type { FaultyFileSystemOptions, Operation } from "./faulty-file-system/machine.ts";
export type { Outside } from "./faulty-file-system/outside.ts";
export { SimulatedCrash } from "./faulty-file-system/simulated-crash.ts";
export type { SystemError } from "./faulty-file-system/system-error.ts";
// Input that breaks loggers.
export { collidingIdPairs, type HostileId, hostileIds, type IdPair } from "./hostile/hostile-ids.ts";
export { type HostileValue, hostileValues } from "./hostile/hostile-values.ts";
export { createMemoryWriter, type MemoryWriter, type MemoryWriterOptions } from "./memory-writer.ts";
export {
  createRecorder,
  type RecordedEntry,
  type RecordedEntryQuery,
  type Recorder,
  type RecorderOptions,
  type RecordingLogger,
} from "./recorder.ts";
