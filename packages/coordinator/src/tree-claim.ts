import { realpathSync } from "node:fs";
import { WaybillError } from "@waybill/protocols";

/** One set per process, shared by all copies of this package. */
const claimedRootsKey = Symbol.for("waybill.claimed-trees.v1");
const globals = globalThis as { [claimedRootsKey]?: Set<string> };
const claimedRoots = globals[claimedRootsKey] ?? new Set<string>();
globals[claimedRootsKey] = claimedRoots;

/**
 * Keeps a second manager of this process off a log tree: both would append to the same files, and count `seq` twice.
 *
 * @param root - an existing directory.
 * @returns a function that gives the tree free again.
 * @throws {WaybillError} `WAYBILL_WRITER_CONFLICT`.
 */
export function claimTree(root: string): () => void {
  const real = realpathSync(root);
  if (claimedRoots.has(real)) {
    throw new WaybillError(
      "WAYBILL_WRITER_CONFLICT",
      `the log tree ${root} is already open in this process: use the manager that opened it, or close that one first`,
      { details: { path: root } },
    );
  }
  claimedRoots.add(real);
  return () => claimedRoots.delete(real);
}
