import * as path from "node:path";
import type { FileSystem } from "@waybill/protocols";

/** What stays of a file when it is renamed. */
export interface FileIdentity {
  readonly inode: bigint;
  readonly device: bigint;
  /** Bytes it had: a log only grows, so a smaller file on the same inode is a later one. */
  readonly size: number;
}

/**
 * Whether a file that was seen later is the one that was seen before. Inodes alone do not tell: ext4 gives that of a
 * deleted file to the next one that is made.
 */
export function isSameFile(later: FileIdentity, before: FileIdentity): boolean {
  return later.inode === before.inode && later.device === before.device && later.size >= before.size;
}

/**
 * The path where a file stands now, looking at its directory only: sealing renames within it.
 *
 * @returns undefined when it is gone.
 */
export function findMovedFile(
  file: string,
  identity: FileIdentity,
  fileSystem: FileSystem,
): string | undefined {
  const isHere = (candidate: string): boolean => {
    const stat = fileSystem.lstat(candidate);
    return stat !== undefined && stat.kind === "file" && isSameFile(stat, identity);
  };
  if (isHere(file)) return file;
  const directory = path.dirname(file);
  try {
    for (const { name } of fileSystem.readdir(directory)) {
      const candidate = path.join(directory, name);
      if (hasSameForm(file, name) && isHere(candidate)) return candidate;
    }
  } catch {
    // The directory is gone or closed to us, so the file is too.
    return undefined;
  }
  return undefined;
}

/** Renaming does not compress: a `.gz` with the inode of a plain file was made after that one was deleted. */
function hasSameForm(file: string, name: string): boolean {
  return file.endsWith(".log") ? name.endsWith(".log") : name.endsWith(path.extname(file));
}
