import type { FlowRecord } from "@waybill/protocols";

const startMs = Date.UTC(2026, 0, 1);

/** A record at a moment of one clock, with the fields that a test does not care for filled in. */
export function recordAt(atMs: number, fields: Partial<FlowRecord>): FlowRecord {
  return {
    phase: "publish",
    eventId: "e1",
    parentEventId: undefined,
    eventType: "BAR",
    source: "data_container",
    target: undefined,
    tier: "fast",
    correlationId: "trade_abc123",
    timestampMs: startMs + Math.floor(atMs),
    monoUs: Math.round(atMs * 1000),
    clockId: "p1",
    originUs: undefined,
    status: "ok",
    ...fields,
  };
}

/** The three records of a hop. */
export function hopAt(
  [publishMs, receiveMs, finishMs]: readonly [number, number, number],
  fields: Partial<FlowRecord>,
): FlowRecord[] {
  const { target, originUs, ...common } = fields;
  return [
    recordAt(publishMs, { ...common, target: undefined, originUs, status: "ok" }),
    recordAt(receiveMs, { ...common, target, phase: "receive", status: "ok" }),
    recordAt(finishMs, { ...common, target, phase: "finish" }),
  ];
}

/** The flow of the document: 2, 5, 15 and 45 ms in four containers. */
export function documentFlow(): FlowRecord[] {
  return [
    ...hopAt([2, 2.5, 8], {
      eventId: "e1",
      source: "data_container",
      target: "strategy_015",
      originUs: 2000,
    }),
    ...hopAt([7, 8, 23], {
      eventId: "e2",
      parentEventId: "e1",
      source: "strategy_015",
      target: "risk_container",
      tier: "standard",
    }),
    ...hopAt([22, 25, 67], {
      eventId: "e3",
      parentEventId: "e2",
      source: "risk_container",
      target: "execution",
      tier: "reliable",
    }),
  ];
}
