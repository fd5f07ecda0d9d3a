// Measures one case in a process of its own, under --expose-gc: `run.js <index of the case>`.
import { PerformanceObserver } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";
import { disabledCases } from "./cases.ts";

/** What a disabled call costs. */
export interface DisabledCost {
  readonly nsPerCall: number;
  readonly bytesPerCall: number;
}

const calls = 10_000_000;

async function measure(call: (index: number) => void): Promise<DisabledCost> {
  if (globalThis.gc === undefined) throw new Error("run with --expose-gc");
  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length;
  });
  for (let index = 0; index < calls / 10; index++) call(index);
  globalThis.gc();
  await setTimeout(10);
  observer.observe({ entryTypes: ["gc"] });
  const heapBefore = process.memoryUsage().heapUsed;
  const start = process.hrtime.bigint();
  for (let index = 0; index < calls; index++) call(index);
  const elapsedNs = Number(process.hrtime.bigint() - start);
  const heapAfter = process.memoryUsage().heapUsed;
  await setTimeout(10);
  observer.disconnect();
  // A collection in between hides what was allocated, but only allocation brings one about.
  const bytesPerCall = collections > 0 ? Number.POSITIVE_INFINITY : (heapAfter - heapBefore) / calls;
  return { nsPerCall: elapsedNs / calls, bytesPerCall };
}

const { nsPerCall, bytesPerCall } = await measure(
  disabledCases()[Number(process.argv[2])]?.call ?? (() => undefined),
);
process.send?.({ nsPerCall, bytesPerCall: Number.isFinite(bytesPerCall) ? bytesPerCall : null });
