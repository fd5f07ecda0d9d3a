import type { ToldAlert } from "./alert-book.ts";
import type { TreeAudit } from "./audit-tree.ts";
import type { SeenSize } from "./size-watch.ts";
import type { SoakStatus } from "./soak-status.ts";

/** How a soak went. */
export interface SoakReport {
  /** Root of the tree, as the user would name it. */
  readonly tree: string;
  readonly status: SoakStatus;
  readonly size: SeenSize;
  /** Bytes by which the size may be above its limit: one segment. */
  readonly toleranceBytes: number;
  readonly rounds: number;
  readonly bars: number;
  /** Rounds over all bars whose trades were not those of the first one. */
  readonly differingRounds: number;
  readonly accepted: number;
  readonly written: number;
  readonly dropped: number;
  /** Accepted, and in no file when all was closed. */
  readonly unwritten: number;
  readonly alerts: readonly ToldAlert[];
  readonly audit: TreeAudit;
  readonly isInterrupted: boolean;
}

/** What of a report tells whether promises were kept. */
export type KeptPromises = Pick<
  SoakReport,
  "size" | "toleranceBytes" | "audit" | "accepted" | "written" | "dropped" | "unwritten" | "differingRounds"
>;

/** What was promised and not kept, one sentence each; empty = all is well. */
export function brokenPromises(report: KeptPromises): string[] {
  const { size, toleranceBytes, audit, accepted, written, dropped, unwritten, differingRounds } = report;
  const broken: string[] = [];
  if (size.excessBytes > toleranceBytes)
    broken.push(`the tree was ${size.excessBytes} bytes above its limit, more than one segment`);
  if (unwritten > 0 || accepted !== written + dropped)
    broken.push(`of ${accepted} accepted entries ${written} were written and ${dropped} told as dropped`);
  if (audit.numbered < written || (dropped === 0 && audit.numbered !== written))
    broken.push(`the lines of the tree are numbered to ${audit.numbered}, and ${written} were written`);
  for (const fault of audit.faults) broken.push(fault);
  if (differingRounds > 0) broken.push(`${differingRounds} rounds traded otherwise than the first one`);
  return broken;
}
