import * as path from "node:path";
import type { Segment } from "@waybill/log-tree";
import { conflict, unarchivable, unverified } from "./archive-errors.ts";
import { partPathOf } from "./archive-place.ts";
import type { ArchiveSegmentOptions } from "./archive-ports.ts";
import { type ArchiveFiles, createFlags, hasCode, readFlags } from "./files/archive-files.ts";
import { isSameDigest } from "./files/digest.ts";
import {
  copyInto,
  type OpenFile,
  type PackedContent,
  type PlainContent,
  packInto,
  readPacked,
  readPlain,
} from "./pack-segment.ts";
import type { ArchiveStep } from "./progress.ts";

/** One segment on its way to its place. */
export interface ArchiveRun {
  readonly files: ArchiveFiles;
  readonly segment: Segment;
  readonly sourceFd: number;
  /** Where the archived copy will stand. */
  readonly place: string;
  readonly level: number;
  readonly options: ArchiveSegmentOptions;
}

/** Packs a plain segment to its place. */
export function packToPlace(run: ArchiveRun): Promise<PackedContent> {
  return writeToPlace(run, (partFd) =>
    packInto(run.files, openFile(run, "pack", run.sourceFd, run.segment.bytes), partFd, run.level),
  );
}

/** Copies a segment that is compressed already to its place, on another disk. */
export function copyToPlace(run: ArchiveRun): Promise<PackedContent> {
  return writeToPlace(run, async (partFd) => {
    const content = await readSource(run);
    await copyInto(run.files, openFile(run, "pack", run.sourceFd, run.segment.bytes), partFd);
    return content;
  });
}

/** Renames a segment that is compressed already to its place, when it is whole. @throws `EXDEV` for another disk. */
export async function movePacked(run: ArchiveRun): Promise<PackedContent> {
  const { files, segment, sourceFd, place } = run;
  const content = await readPackedSource(run);
  await files.sync(sourceFd);
  await refuseUnlessSource(run);
  await files.rename(segment.path, place);
  await files.syncDirectory(path.dirname(place));
  await files.syncDirectory(path.dirname(segment.path));
  return content;
}

/** Reads both the source and what stands at its place already. */
export async function readPublished(
  run: ArchiveRun,
): Promise<{ source: PlainContent; published: PackedContent }> {
  const { files, place } = run;
  const source = await readSource(run);
  const fd = await files.open(place, readFlags);
  try {
    const { size } = await files.stat(fd);
    return { source, published: await readPacked(files, openFile(run, "verify", fd, size)) };
  } catch (error) {
    if (hasCode(error, "Z_BUF_ERROR", "Z_DATA_ERROR")) throw conflict(place, "is damaged");
    throw error;
  } finally {
    await files.close(fd);
  }
}

/**
 * Writes a `.part` file, reads it back through the same descriptor, and gives it its name.
 *
 * @param write - fills the file and tells what must come back.
 */
async function writeToPlace(
  run: ArchiveRun,
  write: (partFd: number) => Promise<PlainContent>,
): Promise<PackedContent> {
  const { files, segment, place } = run;
  const part = partPathOf(place, segment.name);
  try {
    const fd = await files.open(part, createFlags);
    let content: PackedContent;
    try {
      const written = await write(fd);
      content = await readBack(run, part, fd, written);
      await restoreTime(files, fd, segment.modifiedMs);
      await files.sync(fd);
    } finally {
      await files.close(fd);
    }
    // The last moment for both: what follows is quick, and leaves no `.part` file.
    run.options.signal?.throwIfAborted();
    await refuseUnlessSource(run);
    await files.rename(part, place);
    await files.syncDirectory(path.dirname(place));
    return content;
  } catch (error) {
    await removeQuietly(files, part);
    throw error;
  }
}

/** For people and other tools: Waybill itself takes the age of a segment from its entries. */
async function restoreTime(files: ArchiveFiles, fd: number, modifiedMs: number): Promise<void> {
  try {
    await files.setModified(fd, modifiedMs);
  } catch (error) {
    // Some network disks let nobody set times.
    if (!hasCode(error, "EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EINVAL")) throw error;
  }
}

async function readBack(
  run: ArchiveRun,
  part: string,
  fd: number,
  written: PlainContent,
): Promise<PackedContent> {
  const { size } = await run.files.stat(fd);
  const content = await readPacked(run.files, openFile(run, "verify", fd, size)).catch((error: unknown) => {
    throw hasCode(error, "Z_BUF_ERROR", "Z_DATA_ERROR") ? unverified(part, error) : error;
  });
  if (!isSameDigest(content.plain, written.plain)) throw unverified(part);
  return content;
}

/** A run at the same time may have archived it, and retention deleted that: what has gone must not come back. */
async function refuseUnlessSource({ files, segment }: ArchiveRun): Promise<void> {
  const found = await files.lstat(segment.path);
  if (found?.inode !== segment.inode || found.device !== segment.device)
    throw unarchivable(segment, "vanished", "it was moved or replaced meanwhile");
}

function readSource(run: ArchiveRun): Promise<PlainContent> {
  if (run.segment.name.compressed) return readPackedSource(run);
  return readPlain(run.files, openFile(run, "verify", run.sourceFd, run.segment.bytes));
}

async function readPackedSource(run: ArchiveRun): Promise<PackedContent> {
  const { files, segment, sourceFd } = run;
  try {
    return await readPacked(files, openFile(run, "verify", sourceFd, segment.bytes));
  } catch (error) {
    if (!hasCode(error, "Z_BUF_ERROR", "Z_DATA_ERROR")) throw error;
    throw unarchivable(segment, "damaged", `its compressed data are damaged: ${String(error)}`, error);
  }
}

function openFile({ options, segment }: ArchiveRun, step: ArchiveStep, fd: number, length: number): OpenFile {
  const { signal, onProgress } = options;
  const onBytes = (bytes: number): void =>
    onProgress?.({ step, file: segment.path, bytes, bytesTotal: length, files: 0, filesTotal: 1 });
  return { fd, length, signal, onBytes };
}

async function removeQuietly(files: ArchiveFiles, file: string): Promise<void> {
  try {
    if ((await files.lstat(file)) !== undefined) await files.unlink(file);
  } catch {
    // Readers pass `.part` files over, inventories count them, and recovery removes them.
    return;
  }
}
