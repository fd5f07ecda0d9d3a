import type { Flow } from "@waybill/flows";
import type { TradingResult } from "../execution/fill-processor.ts";

/** Three quantiles in milliseconds. */
export interface LatencyFigures {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** The hops of one tier. */
export interface TierFigures {
  readonly tier: string;
  readonly hops: number;
  readonly errors: number;
  readonly wait: LatencyFigures;
  readonly work: LatencyFigures;
}

/** The first line of a flow that says what went wrong. */
export interface FailureLine {
  /** RFC 3339. */
  readonly timestamp: string;
  readonly level: string;
  readonly containerId: string;
  readonly componentName: string;
  readonly message: string;
  /** File of the line, as the user would name it. */
  readonly file: string;
}

/** Everything that the report shows. */
export interface Report {
  readonly containers: number;
  readonly components: number;
  readonly bars: number;
  /** First and last day of the run, `YYYY-MM-DD`. */
  readonly range: { readonly from: string; readonly to: string };
  /** Entries accepted by all writers of this run, and of these: lost by declared policy. */
  readonly entries: { readonly accepted: number; readonly dropped: number };
  readonly elapsedMs: number;
  readonly flows: { readonly total: number; readonly failed: number; readonly retries: number };
  readonly tiers: readonly TierFigures[];
  /** Bytes of the tree by the place in it. */
  readonly bytes: readonly { readonly place: string; readonly bytes: number }[];
  readonly trading: TradingResult;
  /** A flow that went through to execution; undefined when there was none. */
  readonly completeFlow: Flow | undefined;
  readonly failedFlow: { readonly flow: Flow; readonly line: FailureLine | undefined } | undefined;
  /** Root of the tree, as the user would name it. */
  readonly tree: string;
  /** Whether the run was ended by a signal. */
  readonly isInterrupted: boolean;
}
