import type { DirectoryInode, Inode } from "./inode.ts";
import { Refusal } from "./system-error.ts";

/** Where a path leads: a name in a directory, and what bears it, if anything. */
export interface Place {
  readonly directory: DirectoryInode;
  /** Empty for the root itself. */
  readonly name: string;
  readonly inode: Inode | undefined;
  /** The path ended in a slash, so only a directory will do. */
  readonly directoryOnly: boolean;
}

/** As Linux: more symbolic links in one path count as a loop. */
const linksMax = 40;
const nameBytesMax = 255;

/** Drive letters are dropped: the double has one root on every platform. */
function splitPath(path: string): string[] {
  const posix = process.platform === "win32" ? path.replace(/^[a-z]:/i, "").replaceAll("\\", "/") : path;
  return posix.split("/").filter((part) => part !== "" && part !== ".");
}

/**
 * Finds the place that a path names, through symbolic links on the way.
 *
 * @param followsLast - whether a symbolic link at the end is followed too. A trailing slash follows it always.
 * @throws {Refusal} ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG
 */
export function walkPath(root: DirectoryInode, path: string, followsLast: boolean): Place {
  if (path === "") throw new Refusal("ENOENT");
  const directoryOnly = path.length > 1 && path.endsWith("/");
  const rest = splitPath(path).reverse();
  let place: Place = { directory: root, name: "", inode: root, directoryOnly };
  let linksFollowed = 0;
  for (let part = rest.pop(); part !== undefined; part = rest.pop()) {
    if (Buffer.byteLength(part) > nameBytesMax) throw new Refusal("ENAMETOOLONG");
    const directory = enter(place.inode);
    if (part === "..") {
      const parent: DirectoryInode = directory.parent ?? root;
      place = { directory: parent, name: "", inode: parent, directoryOnly };
      continue;
    }
    const inode = directory.names.get(part);
    place = { directory, name: part, inode, directoryOnly };
    if (inode?.kind !== "link" || (rest.length === 0 && !followsLast && !directoryOnly)) continue;
    linksFollowed += 1;
    if (linksFollowed > linksMax) throw new Refusal("ELOOP");
    const start = inode.target.startsWith("/") ? root : directory;
    rest.push(...splitPath(inode.target).reverse());
    place = { directory: start, name: "", inode: start, directoryOnly };
  }
  if (directoryOnly && place.inode !== undefined && place.inode.kind !== "directory")
    throw new Refusal("ENOTDIR");
  return place;
}

function enter(inode: Inode | undefined): DirectoryInode {
  if (inode === undefined) throw new Refusal("ENOENT");
  if (inode.kind !== "directory") throw new Refusal("ENOTDIR");
  return inode;
}
