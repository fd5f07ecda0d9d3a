import type { FileStat } from "@waybill/protocols";
import type { FileContent } from "./file-content.ts";

/** A regular file. */
export interface FileInode {
  readonly kind: "file";
  readonly number: bigint;
  readonly content: FileContent;
  /** Names that lead here. */
  links: number;
  /** Descriptors that are open on it; the bytes live until both counts are 0. */
  openCount: number;
  modifiedMs: number;
  /** Whether a name of it was ever durable: then fsync of the file no longer makes names durable. */
  nameDurable: boolean;
}

/** A directory: the names that processes see, and those that would survive a power cut. */
export interface DirectoryInode {
  readonly kind: "directory";
  readonly number: bigint;
  readonly names: Map<string, Inode>;
  /** Written by the name journal only. */
  readonly durableNames: Map<string, Inode>;
  /** Undefined for the root. */
  parent: DirectoryInode | undefined;
  /** Removed from the tree; nothing can be created in it any more. */
  removed: boolean;
  modifiedMs: number;
}

/** A symbolic link. */
export interface LinkInode {
  readonly kind: "link";
  readonly number: bigint;
  readonly target: string;
  links: number;
  modifiedMs: number;
}

export type Inode = FileInode | DirectoryInode | LinkInode;

const device = 0x5eedn;

function sizeOf(inode: Inode): number {
  if (inode.kind === "file") return inode.content.size;
  return inode.kind === "link" ? Buffer.byteLength(inode.target) : 4096;
}

function linksOf(inode: Inode): number {
  if (inode.kind !== "directory") return inode.links;
  if (inode.removed) return 0;
  let links = 2;
  for (const child of inode.names.values()) if (child.kind === "directory") links += 1;
  return links;
}

export function statInode(inode: Inode): FileStat {
  return {
    kind: inode.kind,
    size: sizeOf(inode),
    inode: inode.number,
    device,
    links: linksOf(inode),
    modifiedMs: inode.modifiedMs,
  };
}
