/** One thing that a managing child does. */
export type ManagingStep =
  /** Logs numbered entries into every container, `perTurn` each, then flushes and notes how far it came. */
  | { readonly do: "log"; readonly count: number; readonly perTurn?: number; readonly padBytes?: number }
  | { readonly do: "unregister"; readonly container: number }
  /** Runs maintenance and tells its report with the word. */
  | { readonly do: "run"; readonly word: string }
  /** Runs maintenance one time after the other beside all that follows. */
  | { readonly do: "keepRunning" }
  | { readonly do: "say"; readonly word: string }
  | { readonly do: "await"; readonly word: string }
  | { readonly do: "close" };

/** What a child that manages a log tree does: see `managing-child.mjs`. */
export interface ManagingPlan {
  readonly root: string;
  /** Where the child notes which entries are written for certain; outside the tree. */
  readonly acks: string;
  readonly run: number;
  /** Ids of its containers; each has one component `load`. */
  readonly containers: readonly string[];
  /** Of the first entry of each container. */
  readonly from?: number;
  /** `logging` of the configuration. */
  readonly logging: Readonly<Record<string, unknown>>;
  readonly steps: readonly ManagingStep[];
}
