import * as path from "node:path";
import { readTree, type SegmentState, segmentStateOf, type TreeLayout } from "@waybill/log-tree";
import { type FileStat, type FileSystem, WaybillError } from "@waybill/protocols";
import type { RetainedSegment } from "./retention-state.ts";

/**
 * Why a planned step was not carried out.
 * - `vanished`: the file is gone.
 * - `changed`: another file has its name, or it has another size than planned.
 * - `foreign`: the path is none that the format has for this segment, or not in this state.
 * - `link`: the file or a directory above it is a link or no directory.
 * - `mount_point`: it lies on another disk, or below a mount point inside the tree.
 * - `live`: a writer or archiver has it open now.
 * - `held`: a hold covers it now.
 * - `no_port`: nobody was given who could do it.
 */
export type SkipReason =
  | "vanished"
  | "changed"
  | "foreign"
  | "link"
  | "mount_point"
  | "live"
  | "held"
  | "no_port";

/** Looks at a planned file once more, on disk, just before it is touched. */
export interface TreeGuard {
  readonly layout: TreeLayout;
  /** @returns why the file must not be touched; undefined when it is still what was planned. */
  refusalOf(segment: RetainedSegment, allowed: readonly SegmentState[]): SkipReason | undefined;
  /** The same for a file of the tree's own state. @param seen - what it was when it was decided. */
  refusalOfState(file: string, seen: FileStat): SkipReason | undefined;
}

/**
 * Opens a tree for deleting in it.
 *
 * @param mountPoints - absolute paths; see `RetentionPorts`.
 * @throws {WaybillError} `WAYBILL_TREE_NOT_FOUND` when the directory has no `.waybill/tree.json` or is a link: nothing
 *   is ever deleted there. `WAYBILL_TREE_FORMAT_UNKNOWN` as `readTree`.
 */
export function openTreeGuard(
  root: string,
  fileSystem: FileSystem,
  mountPoints: readonly string[],
): TreeGuard {
  const layout = openMarkedTree(root, fileSystem);
  const device = fileSystem.lstat(layout.root)?.device;
  const inner = mountPoints.filter((mount) => mount.startsWith(layout.root + path.sep));

  const refusalOfDirectories = (file: string): SkipReason | undefined => {
    const parts = path.relative(layout.root, file).split(path.sep).slice(0, -1);
    let directory = layout.root;
    for (const part of parts) {
      directory = path.join(directory, part);
      const stat = fileSystem.lstat(directory);
      if (stat === undefined) return "vanished";
      if (stat.kind !== "directory") return "link";
      if (stat.device !== device || inner.includes(directory)) return "mount_point";
    }
    return undefined;
  };

  const refusalOfFile = (
    file: string,
    planned: Pick<FileStat, "inode" | "device">,
    isUnchanged: (stat: FileStat) => boolean,
  ): SkipReason | undefined => {
    const stat = fileSystem.lstat(file);
    if (stat === undefined) return "vanished";
    if (stat.kind !== "file") return "link";
    if (stat.device !== device || inner.includes(file)) return "mount_point";
    const isSame = stat.inode === planned.inode && stat.device === planned.device;
    return isSame && isUnchanged(stat) ? undefined : "changed";
  };

  const refusalOfSegment = (segment: RetainedSegment): SkipReason | undefined =>
    refusalOfFile(segment.path, segment, ({ size, modifiedMs }) => {
      // An active segment grows on its way to be sealed.
      if (segment.state === "active") return size >= segment.bytes;
      const isWritten = segment.state === "temporary" && modifiedMs !== segment.modifiedMs;
      return size === segment.bytes && !isWritten;
    });

  return {
    layout,
    refusalOf(segment, allowed) {
      const location = layout.locate(segment.path);
      const isOurs = path.isAbsolute(segment.path) && location?.stream === segment.stream;
      if (!isOurs || !allowed.includes(segment.state) || segmentStateOf(location) !== segment.state)
        return "foreign";
      return refusalOfDirectories(segment.path) ?? refusalOfSegment(segment);
    },
    refusalOfState(file, seen) {
      if (!file.startsWith(path.dirname(layout.marker) + path.sep)) return "foreign";
      const isUnchanged = (stat: FileStat): boolean =>
        stat.size === seen.size && stat.modifiedMs === seen.modifiedMs;
      return refusalOfDirectories(file) ?? refusalOfFile(file, seen, isUnchanged);
    },
  };
}

/** The paths of a tree that may be changed. @throws as {@link openTreeGuard}. */
export function openMarkedTree(root: string, fileSystem: FileSystem): TreeLayout {
  const { layout, marker } = readTree(root, { fileSystem });
  if (marker === undefined) throw notOurs(layout.root, "it has no .waybill/tree.json");
  if (fileSystem.lstat(layout.root)?.kind !== "directory") throw notOurs(layout.root, "it is a link");
  return layout;
}

function notOurs(root: string, reason: string): WaybillError {
  return new WaybillError(
    "WAYBILL_TREE_NOT_FOUND",
    `${root} is no log tree to delete in: ${reason}; name the log_dir of a coordinator`,
    { details: { path: root } },
  );
}
