import * as path from "node:path";
import { decodePathPart, type TreeLayout, type TreeLedger } from "@waybill/log-tree";
import { type Clock, type FileSystem, nodeFileSystem } from "@waybill/protocols";
import { sweepTreeState } from "@waybill/retention";
import { sweepLocks } from "@waybill/writers";

interface SweepPorts {
  readonly clock: Clock;
  readonly fileSystem?: FileSystem | undefined;
  readonly signal: AbortSignal;
}

/**
 * Removes what killed processes have left among the locks of a tree: drafts, guards, and the locks of directories that are
 * gone.
 *
 * @throws the reason of the signal, as a rejection.
 */
export async function sweepLeftLocks(layout: TreeLayout, ports: SweepPorts): Promise<void> {
  const { clock, fileSystem = nodeFileSystem, signal } = ports;
  const isUseless = (name: string): boolean => {
    // Undefined for one that was cut: nobody can tell whose it is.
    const directory = decodePathPart(name);
    return directory !== undefined && fileSystem.lstat(path.join(layout.root, directory)) === undefined;
  };
  await sweepLocks(layout.locks, { fileSystem, clock, signal, isUseless });
}

/** Removes what nobody needs any more of the rest of a tree's own state. @throws as `sweepTreeState`. */
export async function sweepLeftState(ledger: TreeLedger, ports: SweepPorts): Promise<void> {
  const { clock, fileSystem, signal } = ports;
  const files = fileSystem === undefined ? {} : { fileSystem };
  const { removed } = await sweepTreeState(ledger.layout.root, ledger.segments(), {
    clock,
    signal,
    ...files,
  });
  for (const file of removed) ledger.note(file);
}
