import * as path from "node:path";
import type { FileSystem } from "@waybill/protocols";
import { errorCodeOf } from "./error-code.ts";
import { createTemporary, removeQuietly, temporaryBeside } from "./temporary-file.ts";
import { formatTreeMarker, readTreeMarker, type TreeMarker } from "./tree-marker.ts";

/**
 * Puts the marker of a new tree in place, whole or not at all. The first of several processes wins, as `link` refuses
 * an existing name, unlike `rename`.
 *
 * @returns the marker that stands there now, and whether it is the wanted one.
 */
export function placeTreeMarker(
  file: string,
  wanted: TreeMarker,
  fileSystem: FileSystem,
): { marker: TreeMarker; created: boolean } {
  const temporary = temporaryBeside(file);
  let placed = false;
  try {
    createTemporary(temporary, formatTreeMarker(wanted), fileSystem);
    placed = linkOrRename(temporary, file, fileSystem);
    fileSystem.syncDirectory(path.dirname(file));
  } catch (error) {
    if (placed) removeQuietly(file, fileSystem);
    throw error;
  } finally {
    removeQuietly(temporary, fileSystem);
  }
  const marker = placed ? wanted : readTreeMarker(file, fileSystem);
  if (marker === undefined) throw new Error("the marker vanished while the tree was opened");
  return { marker, created: placed };
}

/** @returns false when another process was first. */
function linkOrRename(from: string, to: string, fileSystem: FileSystem): boolean {
  try {
    fileSystem.link(from, to);
    return true;
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === "EEXIST") return false;
    // FAT and some network disks have no hard links. The rename may replace a marker made in the same instant by
    // another process, with one of the same format.
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "EOPNOTSUPP" && code !== "ENOSYS") throw error;
    if (fileSystem.lstat(to) !== undefined) return false;
    fileSystem.rename(from, to);
    return true;
  }
}

/**
 * Creates a file beside the marker and removes it again. A lack of space or descriptors is not told: it may pass.
 *
 * @throws the error of the file system.
 */
export function probeWriting(marker: string, fileSystem: FileSystem): void {
  const probe = temporaryBeside(marker);
  try {
    createTemporary(probe, "", fileSystem);
  } catch (error) {
    if (!["ENOSPC", "EDQUOT", "EMFILE", "ENFILE"].includes(errorCodeOf(error))) throw error;
  } finally {
    removeQuietly(probe, fileSystem);
  }
}
