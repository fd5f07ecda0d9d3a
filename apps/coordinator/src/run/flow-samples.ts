import type { Flow } from "@waybill/flows";
import type { FinishedHop } from "../router/router-stats.ts";

/** One complete and one failed flow of a run, for people to look at. */
export interface FlowSamples {
  readonly complete: Flow | undefined;
  readonly failed: Flow | undefined;
}

/** Picks samples while the run goes on, because the tracer remembers recent flows only. */
export interface FlowSampler {
  onHop(hop: FinishedHop): void;
  /** Looks the candidates up; call it after each bar. */
  capture(): void;
  readonly samples: FlowSamples;
}

/** How much there is to see in a flow that fails at an event: the later on its way, the more. */
const ranks: Readonly<Record<string, number>> = { "market.bar": 1, "strategy.signal": 2, "risk.order": 3 };

/** The last flow that went through to execution, and the last of those that failed furthest on their way. */
export function createFlowSampler(flowOf: (correlationId: string) => Flow | undefined): FlowSampler {
  let completeId: string | undefined;
  let failedId: string | undefined;
  let failedRank = 0;
  let complete: Flow | undefined;
  let failed: Flow | undefined;
  return {
    onHop({ event: { correlationId, eventType }, status }) {
      if (status === "ok") {
        if (eventType === "risk.order") completeId = correlationId;
        return;
      }
      const rank = ranks[eventType] ?? 0;
      if (rank < failedRank) return;
      failedRank = rank;
      failedId = correlationId;
    },
    capture() {
      if (completeId !== undefined) complete = flowOf(completeId) ?? complete;
      if (failedId !== undefined) failed = flowOf(failedId) ?? failed;
      completeId = undefined;
      failedId = undefined;
    },
    get samples() {
      return { complete, failed };
    },
  };
}
