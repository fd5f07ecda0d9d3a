import type { FlowRecord } from "@waybill/protocols";

/** Bounds of the flows kept in memory. */
export interface FlowHistoryOptions {
  /** Flows, integer ≥ 1. */
  readonly flowsMax: number;
  /** Records of one flow, integer ≥ 1; further ones are dropped from memory, not from the stream. */
  readonly recordsPerFlowMax: number;
  /** Milliseconds since the first record of a flow, > 0. */
  readonly maxAgeMs: number;
}

/** What is known of one flow while it runs. */
export interface RememberedFlow {
  readonly records: FlowRecord[];
  /** Records that were not kept, because the flow was full. */
  missing: number;
  readonly startedUs: number;
  /** Events published and not received yet. */
  awaiting: number;
  /** Deliveries received and not finished yet. */
  working: number;
  hasFailed: boolean;
  hasFinished: boolean;
}

/** Flows by correlation id, oldest out first. */
export interface FlowHistory {
  has(correlationId: string): boolean;
  append(correlationId: string, record: FlowRecord): RememberedFlow;
  /** @param nowUs - same clock as the records' `monoUs`. @returns undefined when unknown, too old or evicted. */
  find(correlationId: string, nowUs: number): RememberedFlow | undefined;
  readonly flows: number;
  /** Flows that began, a return after eviction included. */
  readonly started: number;
  readonly evicted: number;
  /** Records not kept, because their flow was full. */
  readonly recordsDropped: number;
}

/** Creates an empty history. Age counts from a flow's first record: then no flow stays by being busy for ever. */
export function createFlowHistory({
  flowsMax,
  recordsPerFlowMax,
  maxAgeMs,
}: FlowHistoryOptions): FlowHistory {
  const flows = new Map<string, RememberedFlow>();
  const maxAgeUs = maxAgeMs * 1000;
  let started = 0;
  let evicted = 0;
  let recordsDropped = 0;

  // A ring of the ids in `flows`, the oldest at `oldestAt`. To ask the map for its first key walks over every place that
  // was deleted since it last grew.
  const order: string[] = [];
  let oldestAt = 0;

  const evictBefore = (nowUs: number, keepMax: number) => {
    while (flows.size > 0) {
      const id = order[oldestAt] as string;
      const flow = flows.get(id) as RememberedFlow;
      if (flows.size <= keepMax && nowUs - flow.startedUs <= maxAgeUs) return;
      flows.delete(id);
      oldestAt = (oldestAt + 1) % flowsMax;
      evicted += 1;
    }
  };

  return {
    has: (correlationId) => flows.has(correlationId),
    append(correlationId, record) {
      let flow = flows.get(correlationId);
      if (flow === undefined) {
        evictBefore(record.monoUs, flowsMax - 1);
        flow = {
          records: [],
          missing: 0,
          startedUs: record.monoUs,
          awaiting: 0,
          working: 0,
          hasFailed: false,
          hasFinished: false,
        };
        order[(oldestAt + flows.size) % flowsMax] = correlationId;
        flows.set(correlationId, flow);
        started += 1;
      }
      if (flow.records.length < recordsPerFlowMax) flow.records.push(record);
      else {
        flow.missing += 1;
        recordsDropped += 1;
      }
      return flow;
    },
    find(correlationId, nowUs) {
      evictBefore(nowUs, flowsMax);
      return flows.get(correlationId);
    },
    get flows() {
      return flows.size;
    },
    get started() {
      return started;
    },
    get evicted() {
      return evicted;
    },
    get recordsDropped() {
      return recordsDropped;
    },
  };
}
