import type { FlowRecord } from "@waybill/protocols";
import { orderCausally, type PlacedDelivery } from "./causal-order.ts";
import { findCriticalPath } from "./critical-path.ts";
import { collectDeliveries } from "./deliveries.ts";
import type { Flow, FlowOutcome, Hop, HopStatus } from "./flow.ts";
import { elapsedUs, type Instant, sameClock } from "./instant.ts";

/** When a missing `receive` means that an event is lost. */
export interface AssembleOptions {
  /**
   * Milliseconds since the epoch at which the records were looked at. Default: long after, so that every event
   * without a receive is lost.
   */
  readonly asOfMs?: number;
  /** An event published less than this long before `asOfMs` is open, not lost. Milliseconds, ≥ 0. Default 5000. */
  readonly lostAfterMs?: number;
}

/**
 * Rebuilds all flows from flow records in any order, with gaps and repetitions; what can be told is told.
 *
 * A record without a correlation id belongs to the flow that knows its event id. Records that no flow knows are left
 * out: they have no name to be asked for.
 *
 * @returns flows in the order of their start.
 */
export function assembleFlows(records: Iterable<FlowRecord>, options: AssembleOptions = {}): readonly Flow[] {
  const flows: Flow[] = [];
  for (const [correlationId, own] of groupByCorrelation([...records])) {
    const flow = assembleOwn(correlationId, own, options);
    if (flow !== undefined) flows.push(flow);
  }
  return flows.sort((a, b) => a.startedAtMs - b.startedAtMs || (a.correlationId < b.correlationId ? -1 : 1));
}

/** Rebuilds the flow of one correlation id; undefined when no record belongs to it. */
export function assembleFlow(
  correlationId: string,
  records: Iterable<FlowRecord>,
  options: AssembleOptions = {},
): Flow | undefined {
  return assembleOwn(correlationId, groupByCorrelation([...records]).get(correlationId) ?? [], options);
}

function groupByCorrelation(records: readonly FlowRecord[]): Map<string, FlowRecord[]> {
  const flows = new Map<string, FlowRecord[]>();
  const flowOfEvent = new Map<string, string>();
  for (const { eventId, correlationId } of records) {
    if (correlationId === undefined) continue;
    flows.set(correlationId, []);
    const known = flowOfEvent.get(eventId);
    // The smaller one of several, so that the answer does not depend on the order of reading.
    if (known === undefined || correlationId < known) flowOfEvent.set(eventId, correlationId);
  }
  for (const record of records) {
    const correlationId = record.correlationId ?? flowOfEvent.get(record.eventId);
    if (correlationId !== undefined) flows.get(correlationId)?.push(record);
  }
  return flows;
}

function assembleOwn(
  correlationId: string,
  records: readonly FlowRecord[],
  options: AssembleOptions,
): Flow | undefined {
  const { deliveries, duplicates } = collectDeliveries(records);
  const placed = orderCausally(deliveries);
  const start = placed[0];
  if (start === undefined) return undefined;
  const hops = placed.map((delivery, index) => toHop(delivery, index, options));
  const { path, shares, totalUs, acrossClocks } = findCriticalPath(placed);
  const originUs = start.publish?.originUs;
  return {
    correlationId,
    status: outcomeOf(hops),
    startedAtMs: start.first.timestampMs - (originUs ?? 0) / 1000,
    totalMs: totalUs / 1000,
    originMs: originUs === undefined ? undefined : originUs / 1000,
    origin: start.first.source,
    hops,
    criticalPath: path,
    shares,
    clock: acrossClocks || path.some((index) => hops[index]?.clock === "wall") ? "wall" : "monotonic",
    duplicates,
  };
}

function toHop(placed: PlacedDelivery, index: number, options: AssembleOptions): Hop {
  const { publish, receive, finish, first, last } = placed;
  const waitUs = between(publish, receive);
  const workUs = between(receive, finish);
  const phases = [publish, receive, finish].filter((record) => record !== undefined);
  const isWall = phases.some((record) => record !== first && !sameClock(first, record));
  return {
    index,
    parent: placed.parent,
    eventId: first.eventId,
    parentEventId: placed.parentEventId,
    orphan: placed.orphan,
    eventType: first.eventType,
    source: first.source,
    target: placed.target,
    tier: first.tier,
    publishedAtMs: first.timestampMs,
    receivedAtMs: receive?.timestampMs,
    finishedAtMs: finish?.timestampMs,
    waitMs: waitUs === undefined ? undefined : waitUs / 1000,
    workMs: workUs === undefined ? undefined : workUs / 1000,
    status: statusOf(placed, phases, options),
    clock: isWall ? "wall" : "monotonic",
    skewed: (waitUs ?? 0) < 0 || (workUs ?? 0) < 0 || elapsedUs(first, last) < 0,
    delivery: placed.delivery,
    deliveries: placed.deliveries,
  };
}

function between(from: Instant | undefined, to: Instant | undefined): number | undefined {
  return from === undefined || to === undefined ? undefined : elapsedUs(from, to);
}

function statusOf(
  placed: PlacedDelivery,
  phases: readonly FlowRecord[],
  { asOfMs = Number.POSITIVE_INFINITY, lostAfterMs = 5000 }: AssembleOptions,
): HopStatus {
  if (placed.failedLater || phases.some((record) => record.status === "error")) return "error";
  if (placed.finish !== undefined) return "ok";
  if (placed.receive !== undefined) return "open";
  if (placed.first.tier === "internal") return "ok";
  return asOfMs - placed.first.timestampMs < lostAfterMs ? "open" : "lost";
}

function outcomeOf(hops: readonly Hop[]): FlowOutcome {
  const statuses = new Set(hops.filter((hop) => hop.delivery === hop.deliveries).map((hop) => hop.status));
  if (statuses.has("error")) return "failed";
  if (statuses.has("lost")) return "lost";
  return statuses.has("open") ? "open" : "ok";
}
