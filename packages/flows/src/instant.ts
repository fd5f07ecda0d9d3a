import type { FlowRecord } from "@waybill/protocols";

/** A moment on both clocks. */
export type Instant = Pick<FlowRecord, "timestampMs" | "monoUs" | "clockId">;

/** Whether two moments were taken from the same monotonic clock. */
export function sameClock(a: Instant, b: Instant): boolean {
  return a.clockId !== undefined && a.clockId === b.clockId;
}

/**
 * Microseconds from one moment to another: by the monotonic clock where both share it, else by the wall clock. May be
 * negative across processes; nothing is clamped.
 */
export function elapsedUs(from: Instant, to: Instant): number {
  return sameClock(from, to) ? to.monoUs - from.monoUs : (to.timestampMs - from.timestampMs) * 1000;
}

/**
 * A total order of records that does not depend on the order they were read in: wall clock, then monotonic clock,
 * then what tells them apart.
 */
export function compareRecords(a: FlowRecord, b: FlowRecord): number {
  return (
    a.timestampMs - b.timestampMs ||
    a.monoUs - b.monoUs ||
    compareText(a.clockId, b.clockId) ||
    compareText(a.eventId, b.eventId) ||
    compareText(a.target, b.target) ||
    compareText(a.phase, b.phase) ||
    compareText(a.status, b.status) ||
    compareText(a.parentEventId, b.parentEventId) ||
    compareText(a.source, b.source) ||
    compareText(a.eventType, b.eventType) ||
    compareText(a.tier, b.tier) ||
    compareText(a.correlationId, b.correlationId) ||
    (a.originUs ?? -1) - (b.originUs ?? -1)
  );
}

function compareText(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return -1;
  return b === undefined || a > b ? 1 : -1;
}
