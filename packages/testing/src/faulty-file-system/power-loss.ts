import type { SeededRandom } from "../seeded-random.ts";
import { Disk } from "./disk.ts";
import { FileContent, type PowerLossKind } from "./file-content.ts";
import type { DirectoryInode, Inode } from "./inode.ts";

/** The four kinds, mildest for names last. */
export const powerLossKinds: readonly PowerLossKind[] = ["drop", "meta", "nul", "rand"];

/**
 * The disk as it is found after a power cut; the given one stays as it is. All that is found counts as durable.
 *
 * @param random - decides in `rand`; each call may give another state.
 */
export function diskAfterPowerLoss(
  disk: Disk,
  kind: PowerLossKind,
  random: SeededRandom,
  now: () => number,
): Disk {
  const changes = disk.journal.pendingCount;
  const changesDone = { drop: 0, meta: changes, nul: changes, rand: Math.floor(random() * (changes + 1)) }[
    kind
  ];
  const namesOf = disk.journal.durableNamesAfter(changesDone);
  const found = new Disk(now);
  const copies = new Map<Inode, Inode>();

  function copyOf(inode: Inode, parent: DirectoryInode): Inode {
    const known = copies.get(inode);
    if (known !== undefined) return known;
    const copy = newCopy(inode, parent);
    copies.set(inode, copy);
    if (inode.kind === "directory" && copy.kind === "directory") copyNames(inode, copy);
    return copy;
  }

  function newCopy(inode: Inode, parent: DirectoryInode): Inode {
    if (inode.kind === "directory") return found.newDirectory(parent);
    if (inode.kind === "link") return found.newLink(inode.target);
    const bytes = inode.content.afterPowerLoss(kind, () => random() < 0.5);
    return { ...found.newFile(FileContent.durable(bytes)), modifiedMs: inode.modifiedMs };
  }

  function copyNames(source: DirectoryInode, target: DirectoryInode): void {
    for (const [name, inode] of namesOf(source)) found.adopt(target, name, copyOf(inode, target));
  }

  copyNames(disk.root, found.root);
  return found;
}
