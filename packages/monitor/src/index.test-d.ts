import type { Inventory } from "@waybill/log-tree";
import type { Writer, WriterStatus } from "@waybill/protocols";
import { expectTypeOf } from "vitest";
import {
  type AlertReceiver,
  createCountingWriter,
  createEntryCounters,
  createEventLoopGauge,
  createLatencyHistogram,
  createLogReceiver,
  createMonitor,
  createWebhookReceiver,
  type MonitorOptions,
  type MonitorSources,
  readDescriptors,
  readDeviceSpace,
  treeUsageOf,
  type WriterTotals,
} from "./index.ts";

// What this package makes fits its own sources.
expectTypeOf({
  device: () => readDeviceSpace("/"),
  descriptors: readDescriptors,
  entries: createEntryCounters().read,
  latency: createLatencyHistogram().snapshot,
  eventLoop: createEventLoopGauge().read,
}).toExtend<MonitorSources>();
declare const inventory: Inventory;
expectTypeOf({ tree: () => treeUsageOf(inventory) }).toExtend<MonitorSources>();

// The status of one writer is enough.
expectTypeOf<WriterStatus>().toExtend<WriterTotals>();
expectTypeOf(createCountingWriter).returns.toEqualTypeOf<Writer>();

// Any object of the shape receives alerts.
expectTypeOf({ receive: () => undefined }).toExtend<AlertReceiver>();
expectTypeOf(createWebhookReceiver).returns.toExtend<AlertReceiver>();
expectTypeOf(createLogReceiver).returns.toEqualTypeOf<AlertReceiver>();

// Nothing is needed, and nobody changes what was measured.
expectTypeOf(createMonitor).toBeCallableWith();
expectTypeOf<MonitorOptions["rules"]>().not.toEqualTypeOf<never>();
const latest = createMonitor().latest();
// @ts-expect-error a snapshot is immutable
if (latest !== undefined) latest.atMs = 0;
