import type { DirectoryInode, Inode } from "./inode.ts";

/** One name set (or, with `inode` undefined, taken away). */
export interface NameEdit {
  readonly directory: DirectoryInode;
  readonly name: string;
  readonly inode: Inode | undefined;
}

/** The edits of one call; they become durable together, so a rename never leaves both names or none. */
type NameChange = readonly NameEdit[];

/**
 * The changes of names that a power cut would undo, in the order they were made: the journal of the file system.
 *
 * Applying a change out of order could bring a name back that a later, already durable change took away. So whatever
 * is committed takes along every earlier change of the same names.
 */
export class NameJournal {
  #pending: NameChange[] = [];

  record(...change: NameEdit[]): void {
    this.#pending.push(change);
  }

  /** fsync of a directory: all its changes, with the other half of renames to and from it. */
  commitDirectory(directory: DirectoryInode): void {
    this.#commit((edit) => edit.directory === directory);
  }

  /** fsync of a new file on ext4: its names; nothing for a file that had a durable name before. */
  commitNewFile(inode: Inode): void {
    if (inode.kind === "file" && !inode.nameDurable) this.#commit((edit) => edit.inode === inode);
  }

  /** Durable at once, as mkdir is assumed to be. */
  commitNow(...change: NameEdit[]): void {
    this.record(...change);
    this.#commit((edit) => change.includes(edit));
  }

  /** The durable names as they would be with the first `count` pending changes done, applied to copies. */
  durableNamesAfter(count: number): (directory: DirectoryInode) => Map<string, Inode> {
    const maps = new Map<DirectoryInode, Map<string, Inode>>();
    const namesOf = (directory: DirectoryInode): Map<string, Inode> => {
      const names = maps.get(directory) ?? new Map(directory.durableNames);
      maps.set(directory, names);
      return names;
    };
    for (const edit of this.#pending.slice(0, count).flat()) applyEdit(namesOf(edit.directory), edit);
    return namesOf;
  }

  get pendingCount(): number {
    return this.#pending.length;
  }

  #commit(isWanted: (edit: NameEdit) => boolean): void {
    const kept: NameChange[] = [];
    const committed: NameChange[] = [];
    const touched = new Map<DirectoryInode, Set<string>>();
    for (const change of this.#pending.toReversed()) {
      const isTaken = change.some((edit) => isWanted(edit) || touched.get(edit.directory)?.has(edit.name));
      if (!isTaken) {
        kept.push(change);
        continue;
      }
      committed.push(change);
      for (const { directory, name } of change) {
        touched.set(directory, (touched.get(directory) ?? new Set()).add(name));
      }
    }
    this.#pending = kept.reverse();
    for (const edit of committed.reverse().flat()) {
      applyEdit(edit.directory.durableNames, edit);
      if (edit.inode?.kind === "file") edit.inode.nameDurable = true;
    }
  }
}

function applyEdit(names: Map<string, Inode>, { name, inode }: NameEdit): void {
  if (inode === undefined) names.delete(name);
  else names.set(name, inode);
}
