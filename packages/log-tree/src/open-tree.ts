import * as path from "node:path";
import {
  type Clock,
  type FileSystem,
  isWaybillError,
  nodeFileSystem,
  systemClock,
  WaybillError,
} from "@waybill/protocols";
import { errorCodeOf } from "./error-code.ts";
import { placeTreeMarker, probeWriting } from "./place-tree-marker.ts";
import { createTreeLayout, type TreeLayout } from "./tree-layout.ts";
import { readTreeMarker, type TreeMarker, treeFormat } from "./tree-marker.ts";
import { createTreeNames } from "./tree-names.ts";

const directoryMode = 0o750;

/** Options and ports of {@link openTree}. */
export interface OpenTreeOptions {
  /** Stands in the marker of a new tree. An existing tree keeps its own. */
  readonly coordinatorId: string;
  /** Default: that of this machine. */
  readonly fileSystem?: FileSystem;
  /** Default: that of this process. */
  readonly clock?: Clock;
}

/** A log tree that is ready to be written. */
export interface LogTree {
  /** Its paths; names keep clear of those on disk that differ in case only. */
  readonly layout: TreeLayout;
  readonly marker: TreeMarker;
  /** Whether this call made it a tree. */
  readonly created: boolean;
}

/**
 * Makes a directory a log tree, or takes up the tree that it is: checks the format version before anything else,
 * creates what is missing of its directories (mode 0750, one level at a time), and last the marker, whole or not at
 * all. Idempotent, and safe when two processes do it at once. On failure removes what it created. Holds nothing open.
 *
 * @param root - directory of the tree; missing parents are created. It must not be a link.
 * @throws {WaybillError} `WAYBILL_TREE_FORMAT_UNKNOWN` for a tree of another version or with a damaged marker,
 *   `WAYBILL_TREE_UNWRITABLE` when a directory or the marker cannot be made, or the tree cannot be written. A full
 *   disk does not make an existing tree unwritable: it may have space again at the next entry.
 */
export function openTree(root: string, options: OpenTreeOptions): LogTree {
  const { coordinatorId, fileSystem = nodeFileSystem, clock = systemClock } = options;
  const layout = createTreeLayout(root, createTreeNames(path.resolve(root), fileSystem));
  const made: string[] = [];
  try {
    refuseNoDirectory(layout.root, fileSystem);
    const existing = readTreeMarker(layout.marker, fileSystem);
    for (const directory of [
      ...missingParents(layout.root, fileSystem),
      layout.root,
      ...layout.directories,
    ]) {
      makeDirectory(directory, fileSystem, made);
    }
    if (existing !== undefined) {
      probeWriting(layout.marker, fileSystem);
      return { layout, marker: existing, created: false };
    }
    const wanted: TreeMarker = { format: treeFormat, coordinatorId, createdMs: clock.now() };
    return { layout, ...placeTreeMarker(layout.marker, wanted, fileSystem) };
  } catch (error) {
    removeDirectories(made, fileSystem);
    throw isWaybillError(error) ? error : unwritable(layout.root, error);
  }
}

function refuseNoDirectory(directory: string, fileSystem: FileSystem): void {
  const found = fileSystem.lstat(directory);
  if (found === undefined || found.kind === "directory") return;
  throw new WaybillError(
    "WAYBILL_TREE_UNWRITABLE",
    `the log tree cannot be written: ${directory} is ${found.kind === "link" ? "a link" : "no directory"}; name a directory, or remove what is there`,
    { details: { path: directory, kind: found.kind } },
  );
}

/** Parents may be links (`/tmp` of macOS is one); only what is the tree's own must not be. */
function missingParents(directory: string, fileSystem: FileSystem): string[] {
  const parent = path.dirname(directory);
  if (parent === directory || fileSystem.lstat(parent) !== undefined) return [];
  return [...missingParents(parent, fileSystem), parent];
}

function makeDirectory(directory: string, fileSystem: FileSystem, made: string[]): void {
  if (fileSystem.lstat(directory) === undefined) {
    fileSystem.mkdir(directory, directoryMode);
    made.push(directory);
    fileSystem.syncDirectory(path.dirname(directory));
  }
  refuseNoDirectory(directory, fileSystem);
}

/** `rmdir` takes empty directories only, so what another process put there meanwhile stays. */
function removeDirectories(made: readonly string[], fileSystem: FileSystem): void {
  for (const directory of made.toReversed()) {
    try {
      fileSystem.rmdir(directory);
    } catch {
      // Not empty or not removable: the first failure is the one to tell, and its parents cannot go either.
      return;
    }
  }
}

function unwritable(root: string, error: unknown): WaybillError {
  const code = errorCodeOf(error);
  const cause = error instanceof Error ? error.message : String(error);
  return new WaybillError(
    "WAYBILL_TREE_UNWRITABLE",
    `the log tree ${root} cannot be written: ${cause}; ${fixes.get(code) ?? "check the directory or name another one"}`,
    { cause: error, details: { path: root, code } },
  );
}

const fixes: ReadonlyMap<string, string> = new Map([
  ["EACCES", "give this user write permission there, or name another directory"],
  ["EPERM", "give this user write permission there, or name another directory"],
  ["EROFS", "the disk is mounted read-only: name a directory on another one"],
  ["ENOSPC", "free some space, or name a directory on another disk"],
  ["EDQUOT", "free some space, or name a directory on another disk"],
  ["ENOTDIR", "a part of the path is a file: name another directory"],
  ["ENAMETOOLONG", "name a directory with a shorter path"],
]);
