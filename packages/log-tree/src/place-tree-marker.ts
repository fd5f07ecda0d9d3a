import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import type { FileSystem } from "@waybill/protocols";
import { errorCodeOf } from "./error-code.ts";
import { formatTreeMarker, readTreeMarker, type TreeMarker } from "./tree-marker.ts";

const fileMode = 0o640;

function temporaryBeside(file: string): string {
  // Random and not only the pid: worker threads share that.
  return `${file}.${process.pid}-${randomBytes(6).toString("hex")}.part`;
}

function createTemporary(file: string, text: string, fileSystem: FileSystem): void {
  const { O_WRONLY, O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW } = fs.constants;
  const fd = fileSystem.open(file, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | (O_NOFOLLOW ?? 0), fileMode);
  try {
    const bytes = Buffer.from(text);
    for (let offset = 0; offset < bytes.length; ) {
      offset += fileSystem.write(fd, bytes, offset, bytes.length - offset);
    }
    if (bytes.length > 0) fileSystem.sync(fd);
  } finally {
    fileSystem.close(fd);
  }
}

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

function removeQuietly(file: string, fileSystem: FileSystem): void {
  try {
    if (fileSystem.lstat(file) !== undefined) fileSystem.unlink(file);
  } catch {
    // A leftover `.part` file is passed over by every reader.
    return;
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
