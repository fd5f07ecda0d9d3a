/** What a stream is about; each kind has its own directory and its own retention. */
export type StreamKind = "container" | "flow" | "correlation" | "system" | "master";

/** All kinds of streams. */
export const streamKinds: readonly StreamKind[] = ["container", "flow", "correlation", "system", "master"];

/** Which stream, in ids as callers know them. */
export type StreamAddress =
  | { readonly kind: "container"; readonly container: string; readonly component: string }
  | { readonly kind: "flow"; readonly coordinator: string; readonly tier: string }
  /** @param prefix - of the correlation ids in it: `trade` for `trade_xyz_123`. */
  | { readonly kind: "correlation"; readonly prefix: string }
  | { readonly kind: "system"; readonly component: string }
  | { readonly kind: "master" };

/** The directory of each kind, below the root and below `archived/`; the master stream lies in the root itself. */
export const kindDirectories: Readonly<Record<StreamKind, string>> = {
  container: "containers",
  flow: "flows",
  correlation: "correlations",
  system: "system",
  master: "master",
};
