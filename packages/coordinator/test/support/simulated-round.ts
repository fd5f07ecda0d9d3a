import type { Segment } from "@waybill/log-tree";
import type { Hold } from "@waybill/retention";

/** What lies in the tree at a moment. */
export interface TreeLook {
  readonly nowMs: number;
  /** What readers take: sealed and archived segments, by `<stream> <number>`. */
  readonly readable: ReadonlyMap<string, Segment>;
  /** Readable segments whose entries stand in a second file. */
  readonly copied: ReadonlySet<string>;
  /** Of all segment files. */
  readonly segmentBytes: number;
  /** Of everything. */
  readonly bytes: number;
  readonly holds: readonly Hold[];
  readonly problems: readonly string[];
}

/** What came of one round of maintenance. */
export interface MaintenanceRound {
  readonly hasDied: boolean;
  /** Deletions that the manifest tells of, by the path of the file. */
  readonly deletions: ReadonlyMap<string, string>;
  /** Of what the ledger did not know, at each rescan. */
  readonly drifts: readonly string[];
  /** Where the ledger differs from a walk, afterwards. */
  readonly ledgerFaults: readonly string[];
  readonly counted: { readonly archived: number; readonly deleted: number; readonly freedBytes: number };
  readonly written: number;
  readonly compressedAway: number;
  readonly isUnmet: boolean;
}
