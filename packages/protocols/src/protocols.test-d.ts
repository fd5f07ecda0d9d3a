import { expectTypeOf } from "vitest";
import {
  type Clock,
  type ContainerAware,
  type CorrelationAware,
  type Debuggable,
  type EntryInput,
  type ErrorCode,
  type EventScope,
  type EventTrackable,
  type errorCodes,
  type eventScopes,
  type FileSystem,
  isContainerAware,
  isCorrelationAware,
  isDebuggable,
  isEventTrackable,
  isLevel,
  isLifecycleManaged,
  isLoggable,
  isWaybillError,
  type Level,
  type LifecycleManaged,
  type LogContext,
  type Loggable,
  levels,
  nodeFileSystem,
  parseLevel,
  severityOf,
  systemClock,
  type Tier,
  WaybillError,
  type Writer,
} from "./index.ts";

// A guard turns an unknown value into its protocol.
expectTypeOf(isLoggable).guards.toEqualTypeOf<Loggable>();
expectTypeOf(isEventTrackable).guards.toEqualTypeOf<EventTrackable>();
expectTypeOf(isContainerAware).guards.toEqualTypeOf<ContainerAware>();
expectTypeOf(isCorrelationAware).guards.toEqualTypeOf<CorrelationAware>();
expectTypeOf(isDebuggable).guards.toEqualTypeOf<Debuggable>();
expectTypeOf(isLifecycleManaged).guards.toEqualTypeOf<LifecycleManaged>();
expectTypeOf(isLevel).guards.toEqualTypeOf<Level>();
expectTypeOf(isWaybillError).guards.toEqualTypeOf<WaybillError>();

// The protocols are structural: a plain object fits, with fewer parameters or an asynchronous method too.
expectTypeOf({ log: (level: string) => level }).toExtend<Loggable>();
expectTypeOf({
  initialize: async () => undefined,
  cleanup: () => undefined,
  getStatus: () => ({ running: true }),
}).toExtend<LifecycleManaged>();
expectTypeOf({ setCorrelationId: (id: string) => id }).not.toExtend<CorrelationAware>();
expectTypeOf({ containerId: 1, componentName: "risk" }).not.toExtend<ContainerAware>();

// Levels are closed, tiers and custom scopes are open.
expectTypeOf(parseLevel("warn")).toEqualTypeOf<Level | undefined>();
expectTypeOf(levels).toEqualTypeOf<readonly Level[]>();
expectTypeOf(severityOf.CRITICAL).toEqualTypeOf<number>();
expectTypeOf<"FATAL">().not.toExtend<Level>();
expectTypeOf<"batch">().toExtend<Tier>();
expectTypeOf<(typeof eventScopes)[number]>().toExtend<EventScope>();
expectTypeOf<"external_batch_tier" | "custom:audit">().toExtend<EventScope>();
expectTypeOf<"external_batch" | "audit">().not.toExtend<EventScope>();

// Codes are a closed list.
expectTypeOf<(typeof errorCodes)[number]>().toEqualTypeOf<ErrorCode>();
// @ts-expect-error no such code
new WaybillError("WAYBILL_COFFEE_COLD", "refill");

// Nobody changes an entry, a context or the tables.
declare const entry: EntryInput;
// @ts-expect-error an entry is immutable
entry.message = "other";
declare const context: LogContext;
// @ts-expect-error a context belongs to the caller
context["price"] = 1;
// @ts-expect-error a table of the format
severityOf.INFO = 0;

// The real ports are the ports, and any object of the shape is one.
expectTypeOf(systemClock).toEqualTypeOf<Clock>();
expectTypeOf(nodeFileSystem).toEqualTypeOf<FileSystem>();
expectTypeOf<Pick<Writer, "write" | "close">>().not.toExtend<Writer>();
