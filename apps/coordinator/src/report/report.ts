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
  /** From publish to receive; undefined where events are only published. */
  readonly wait: LatencyFigures | undefined;
  /** From receive to finish; undefined as above. */
  readonly work: LatencyFigures | undefined;
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

/** The entries of one run. */
export interface EntryFigures {
  /** Lines below `containers/`, `flows/` and `system/`. */
  readonly written: number;
  /** Lines of `master.log` and below `correlations/`: each repeats one of the others. */
  readonly copies: number;
  /** Entries and copies that a full queue lost, as it is declared to. */
  readonly dropped: number;
  /** Entries and copies that still waited in memory when the logs were closed. */
  readonly unwritten: number;
}

/** What lies at one place of a tree. */
export interface PlaceFigures {
  readonly place: string;
  readonly lines: number;
  readonly bytes: number;
}

/** Everything that the report shows. */
export interface Report {
  readonly containers: number;
  readonly components: number;
  readonly bars: number;
  /** First and last day of the run, `YYYY-MM-DD`. */
  readonly range: { readonly from: string; readonly to: string };
  readonly entries: EntryFigures;
  readonly elapsedMs: number;
  readonly flows: { readonly total: number; readonly failed: number; readonly retries: number };
  readonly tiers: readonly TierFigures[];
  /** The tree as it lies on disk, by place. */
  readonly places: readonly PlaceFigures[];
  /** Whether the tree holds earlier runs, which {@link places} counts too. */
  readonly isContinued: boolean;
  readonly trading: TradingResult;
  /** A flow that went through to execution; undefined when there was none. */
  readonly completeFlow: Flow | undefined;
  readonly failedFlow: { readonly flow: Flow; readonly line: FailureLine | undefined } | undefined;
  /** Root of the tree, as the user would name it. */
  readonly tree: string;
  /** Whether the run was ended by a signal. */
  readonly isInterrupted: boolean;
}
