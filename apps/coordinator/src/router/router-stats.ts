import type { FlowEvent } from "@waybill/flows";

/** A hop that has ended. */
export interface FinishedHop {
  readonly event: FlowEvent;
  readonly status: "ok" | "error";
}

/** Counters of a router since it was created. */
export interface RouterStats {
  /** Events handed to one container each. */
  readonly deliveries: number;
  /** Deliveries that ended in an error. */
  readonly failures: number;
  /** Further attempts on the reliable tier. */
  readonly retries: number;
  /** Different correlation ids. */
  readonly flows: number;
  /** Correlation ids with at least one failed delivery. */
  readonly failedFlows: number;
}

/** Counts what passes through a router. */
export interface RouterCounter {
  published(flowId: string | undefined): void;
  retried(): void;
  finished(flowId: string | undefined, status: "ok" | "error"): void;
  snapshot(): RouterStats;
}

/** Creates a counter. It remembers every flow id: a run has at most a few hundred thousand. */
export function createRouterStats(): RouterCounter {
  const flows = new Set<string>();
  const failed = new Set<string>();
  let deliveries = 0;
  let failures = 0;
  let retries = 0;
  return {
    published(flowId) {
      deliveries += 1;
      if (flowId !== undefined) flows.add(flowId);
    },
    retried() {
      retries += 1;
    },
    finished(flowId, status) {
      if (status === "ok") return;
      failures += 1;
      if (flowId !== undefined) failed.add(flowId);
    },
    snapshot: () => ({ deliveries, failures, retries, flows: flows.size, failedFlows: failed.size }),
  };
}
