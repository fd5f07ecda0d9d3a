import type { TreeLedger } from "@waybill/log-tree";
import type { TreeUsage } from "@waybill/monitor";

/** The usage of a tree out of the sums of its ledger, without a look at its files. */
export function usageOfLedger(ledger: TreeLedger): TreeUsage {
  const { bytes, bytesByKind, bytesByState, filesByState, stateBytes } = ledger.totals;
  return {
    totalBytes: bytes,
    bytesByKind,
    bytesByState,
    filesByState,
    otherBytes: stateBytes,
    containers: ledger.containers().map(({ container, ...files }) => ({ containerId: container, ...files })),
  };
}
