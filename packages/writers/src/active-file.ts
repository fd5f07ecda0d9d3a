import { constants } from "node:fs";
import * as path from "node:path";
import { type AsideReason, formatSegmentName } from "@waybill/log-tree";
import type { Clock, FileStat, FileSystem } from "@waybill/protocols";
import { errnoOf } from "./failure.ts";
import { type StreamPath, sealedNameOf } from "./stream-path.ts";
import { readFully } from "./tail.ts";
import { directoryMode, fileMode } from "./writer-options.ts";

/**
 * Appending through a link would write into a file that is not ours, and opening a FIFO would wait for a reader, so
 * neither is opened.
 */
const openFlags =
  constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** What file systems answer that know no hard links, or forbid them. */
const noLinkCodes: ReadonlySet<string | undefined> = new Set([
  "EPERM",
  "ENOTSUP",
  "EOPNOTSUPP",
  "ENOSYS",
  "EMLINK",
]);

/** Opens the active segment for appending, creating it and its directories. @throws as the file system. */
export function openActive(fileSystem: FileSystem, stream: StreamPath, syncsDirectories: boolean): number {
  try {
    return fileSystem.open(stream.active, openFlags, fileMode);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
    makeDirectories(fileSystem, stream.directory, syncsDirectories);
    return fileSystem.open(stream.active, openFlags, fileMode);
  }
}

/** Creates a directory and those above it, as far as they are missing. @throws as the file system. */
export function makeDirectories(fileSystem: FileSystem, directory: string, syncsDirectories: boolean): void {
  if (fileSystem.lstat(directory) !== undefined) return;
  const parent = path.dirname(directory);
  if (parent !== directory) makeDirectories(fileSystem, parent, syncsDirectories);
  fileSystem.mkdir(directory, directoryMode);
  if (syncsDirectories) fileSystem.syncDirectory(parent);
}

/** Whether two looks at a file saw the same one. */
export function isSameFile(a: FileIdentity, b: FileIdentity): boolean {
  return a.inode === b.inode && a.device === b.device;
}

/** What tells a file from another of the same name. */
export type FileIdentity = Pick<FileStat, "inode" | "device">;

/**
 * Gives the active segment a second, sealed name. A rename would silently replace a file of that name.
 *
 * Where there are no hard links it is renamed all the same, after a look: one process alone writes a stream.
 *
 * @returns false when the name is taken.
 */
export function linkUnlessTaken(fileSystem: FileSystem, active: string, sealed: string): boolean {
  try {
    fileSystem.link(active, sealed);
    return true;
  } catch (error) {
    const code = errnoOf(error);
    if (code === "EEXIST") return false;
    if (!noLinkCodes.has(code)) throw error;
    if (fileSystem.lstat(sealed) !== undefined) return false;
    fileSystem.rename(active, sealed);
    return true;
  }
}

/** Removes a name; one that is gone already is no error. */
export function unlinkIfThere(fileSystem: FileSystem, file: string): void {
  try {
    fileSystem.unlink(file);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
  }
}

/** The sealed name that the active segment bears too, when an end between link and unlink left it both. */
export function halfSealedPath(
  fileSystem: FileSystem,
  stream: StreamPath,
  active: FileStat,
): string | undefined {
  for (const { name } of fileSystem.readdir(stream.directory)) {
    const sealed = sealedNameOf(stream, name);
    if (sealed === undefined || sealed.compressed || sealed.temporary) continue;
    const file = path.join(stream.directory, name);
    const stats = fileSystem.lstat(file);
    if (stats !== undefined && isSameFile(stats, active)) return file;
  }
  return undefined;
}

/** Renames what bears the name of the active segment and must not be written to. Nothing is cut, nothing replaced. */
export function quarantine(fileSystem: FileSystem, stream: StreamPath, clock: Clock): void {
  let stampMs = clock.now();
  while (fileSystem.lstat(pathBeside(stream, stampMs, "quarantine")) !== undefined) stampMs++;
  fileSystem.rename(stream.active, pathBeside(stream, stampMs, "quarantine"));
}

/** Moves the end of the active segment into a file of its own. @throws as the file system; nothing is cut then. */
export function setTornAside(
  fileSystem: FileSystem,
  stream: StreamPath,
  clock: Clock,
  torn: { readonly fd: number; readonly from: number; readonly size: number },
): void {
  const bytes = Buffer.alloc(torn.size - torn.from);
  const count = readFully(fileSystem, torn.fd, bytes, torn.from);
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
  const aside = fileSystem.open(pathBeside(stream, clock.now(), "torn"), flags, fileMode);
  try {
    let done = 0;
    while (done < count) done += fileSystem.write(aside, bytes, done, count - done);
  } finally {
    fileSystem.close(aside);
  }
  fileSystem.truncate(torn.fd, torn.from);
}

/** Cuts a sealed segment, or removes it when nothing of it stays; one that is gone already is no error. */
export function cutSealed(fileSystem: FileSystem, sealed: string, soundBytes: number): void {
  if (soundBytes === 0) {
    unlinkIfThere(fileSystem, sealed);
    return;
  }
  let fd: number;
  try {
    fd = fileSystem.open(sealed, constants.O_RDWR | constants.O_NOFOLLOW, fileMode);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return;
    throw error;
  }
  try {
    fileSystem.truncate(fd, soundBytes);
  } finally {
    fileSystem.close(fd);
  }
}

/** Closes a descriptor that nothing depends on any more. */
export function closeQuietly(fileSystem: FileSystem, fd: number): void {
  try {
    fileSystem.close(fd);
  } catch {
    // The descriptor is gone in either case (Linux closes it even when close reports EIO), and every byte in it was
    // acknowledged by write before.
  }
}

function pathBeside(
  { directory, component, writer }: StreamPath,
  setAsideMs: number,
  reason: AsideReason,
): string {
  return path.join(directory, formatSegmentName({ component, writer, aside: { reason, setAsideMs } }));
}
