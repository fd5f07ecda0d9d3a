import { statfs } from "node:fs/promises";
import type { TreeLedger } from "@waybill/log-tree";
import type { RetentionPolicy } from "@waybill/retention";
import type { SpaceBudget } from "@waybill/writers";
import { createGrownFiles, type GrownFilesParts } from "./grown-files.ts";
import type { SizeLimits } from "./retention-policy.ts";
import type { UsageFile } from "./usage-file.ts";

/** Room on the disk of the tree, as the system tells it. */
export interface DeviceRoom {
  /** Bytes that this user may still write. */
  readonly freeBytes: number;
  readonly capacityBytes: number;
}

/** What writers have to keep. */
export interface KeptLimits {
  readonly limits: SizeLimits;
  readonly policy: RetentionPolicy;
}

/** What a {@link SpaceKeeper} works with. */
export interface SpaceKeeperParts extends GrownFilesParts {
  readonly ledger: TreeLedger;
  readonly space: SpaceBudget;
  readonly usage: UsageFile;
  /** As it is at the moment: it may change while a run is under way. Undefined = writers are not stopped. */
  readonly kept: () => KeptLimits | undefined;
}

/** Has writers stop before the tree or the disk is full, by what the ledger and the system say. */
export interface SpaceKeeper {
  /** Looks at the active files that have grown and at the disk. @returns undefined where the system does not tell. */
  look(): Promise<DeviceRoom | undefined>;
  /** The same, and sets what writers may still write. */
  refresh(): Promise<DeviceRoom | undefined>;
  /** What the tree takes, by the last look and by what was written since; never less. */
  treeBytes(): number;
}

/** Nothing is set until the first refresh. */
export function createSpaceKeeper(parts: SpaceKeeperParts): SpaceKeeper {
  const { ledger, space, usage, kept } = parts;
  const grown = createGrownFiles(parts);
  let lookedAt = { treeBytes: 0, takenBytes: 0 };

  return {
    async look() {
      const room = await roomOf(ledger.layout.root);
      await grown.look();
      return room;
    },
    async refresh() {
      const room = await roomOf(ledger.layout.root);
      const takenBefore = space.takenBytes;
      await grown.look();
      const { bytes } = ledger.totals;
      lookedAt = { treeBytes: bytes, takenBytes: takenBefore };
      usage.note(bytes);
      ledger.note(ledger.layout.usage);
      const current = kept();
      if (current === undefined) space.set(Number.POSITIVE_INFINITY);
      else {
        const left = current.limits.maxTotalBytes - bytes;
        space.set(Math.min(left, freeLeft(room, current.policy)), takenBefore);
      }
      return room;
    },
    treeBytes: () => lookedAt.treeBytes + space.takenBytes - lookedAt.takenBytes,
  };
}

function freeLeft(room: DeviceRoom | undefined, { minFreeBytes, minFreePercent }: RetentionPolicy): number {
  if (room === undefined) return Number.POSITIVE_INFINITY;
  return room.freeBytes - Math.max(minFreeBytes, (room.capacityBytes * minFreePercent) / 100);
}

async function roomOf(root: string): Promise<DeviceRoom | undefined> {
  try {
    const { bavail, blocks, bsize } = await statfs(root);
    return { freeBytes: bavail * bsize, capacityBytes: blocks * bsize };
  } catch {
    // Some network disks do not tell.
    return undefined;
  }
}
