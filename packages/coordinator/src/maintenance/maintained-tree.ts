import { recoverArchive } from "@waybill/archive";
import { openTreeLedger, type TreeLayout, type TreeLedger } from "@waybill/log-tree";
import { createCorrelationSearch, createLevelSearch } from "@waybill/retention";
import { sweepLeftLocks, sweepLeftState } from "./left-state.ts";
import { createOthersInTree } from "./others-in-tree.ts";
import { recordMissedRemovals } from "./removed-archives.ts";
import { createRetentionRun, type RetentionRun, type RetentionRunParts } from "./retention-run.ts";
import { createSpaceKeeper, type SpaceKeeper, type SpaceKeeperParts } from "./space-keeper.ts";

/** What a tree is opened with. */
export interface MaintainedTreeParts
  extends Pick<
      RetentionRunParts,
      "space" | "pool" | "knowledge" | "compressing" | "containers" | "clock" | "fileSystem"
    >,
    Pick<SpaceKeeperParts, "kept" | "usage"> {
  readonly layout: TreeLayout;
  /** Whether what a crash has left is put right now. Otherwise that is for {@link OpenedTree.recover}. */
  readonly recovers: boolean;
  /** Told of what went wrong and stops nothing. */
  readonly onProblem: (error: unknown) => void;
  readonly signal: AbortSignal;
}

/** The tree as it was found, and what works on it. */
export interface OpenedTree {
  readonly ledger: TreeLedger;
  readonly keeper: SpaceKeeper;
  readonly retention: RetentionRun;
  /** Puts the archive right again after an archiving that failed: it may have left two copies, which no plan touches. */
  recover(): Promise<void>;
  /** Removes what nobody needs any more of the tree's own state: floors of containers that are gone, temporary files. */
  sweep(): Promise<void>;
}

/**
 * Puts right what a crash has left, and takes stock.
 *
 * @throws {WaybillError} `WAYBILL_TREE_FORMAT_UNKNOWN`. @throws the reason of the signal.
 */
export async function openMaintainedTree(parts: MaintainedTreeParts): Promise<OpenedTree> {
  const { layout, space, pool, usage, knowledge, clock, fileSystem, onProblem, signal } = parts;
  const files = fileSystem === undefined ? {} : { fileSystem };
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      onProblem(error);
    }
  };
  // A manifest that cannot be read costs the times of archived entries; their days stand in their paths.
  const learn = (): Promise<void> => attempt(() => knowledge.load(layout));
  const recover = async (): Promise<void> => {
    await attempt(() => recoverArchive({ layout, clock, ...files }, { signal }));
    await learn();
  };

  if (parts.recovers) {
    await recover();
    await attempt(() => sweepLeftLocks(layout, { clock, fileSystem, signal }));
  }
  signal.throwIfAborted();
  const ledger = await openTreeLedger(layout.root, files);
  if (parts.recovers) await attempt(() => recordMissedRemovals(ledger, { clock, ...files }));
  if (!parts.recovers) await learn();
  signal.throwIfAborted();
  const keeper = createSpaceKeeper({ ledger, pool, space, usage, kept: parts.kept, fileSystem });
  const { compressing, containers } = parts;
  const retention = createRetentionRun({
    ledger,
    keeper,
    space,
    pool,
    knowledge,
    levels: createLevelSearch(files),
    correlations: createCorrelationSearch(files),
    compressing,
    containers,
    others: createOthersInTree({ layout, clock, fileSystem }),
    clock,
    fileSystem,
  });
  const sweep = (): Promise<void> => attempt(() => sweepLeftState(ledger, { clock, fileSystem, signal }));
  return { ledger, keeper, retention, recover, sweep };
}
