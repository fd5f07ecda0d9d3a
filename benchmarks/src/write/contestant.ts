import type { BenchEntry } from "./workload.ts";

/** When an entry of ours leaves the process; peers have one way each. */
export type Mode = "batched" | "sync" | "durable";

/** One log file and who writes to it. */
export interface Stream {
  readonly containerId: string;
  readonly componentName: string;
  /** Absolute path; its directory exists. */
  readonly file: string;
}

/** What a contestant is opened with. */
export interface Setup {
  /** Empty directory for everything it writes. */
  readonly root: string;
  readonly streams: readonly Stream[];
  readonly mode: Mode;
}

/** One phase of an event between two containers. */
export interface TracedPhase {
  readonly phase: "publish" | "receive" | "finish";
  readonly eventId: string;
  readonly source: string;
  readonly target: string;
  readonly correlationId: string | undefined;
}

/** A logger with one file per component, behind the one call that all have in common. */
export interface Contestant {
  write(entry: BenchEntry): void;
  /**
   * Resolves when the files are open. Only where the contestant opens them after its constructor has returned: else
   * that work would be taken for the cost of entries.
   */
  opened?(): Promise<void>;
  /** Records one phase of an event. Only where the fan-out is the contestant's own. */
  trace?(traced: TracedPhase): void;
  /** Resolves when everything is on disk and every file is closed. */
  close(): Promise<void>;
}

/** What a module under `contestants/` exports as `open`. */
export type OpenContestant = (setup: Setup) => Contestant | Promise<Contestant>;
