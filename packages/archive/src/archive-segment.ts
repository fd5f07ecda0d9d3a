import * as path from "node:path";
import { formatSegmentName, type Segment, type TreeLayout } from "@waybill/log-tree";
import { systemClock } from "@waybill/protocols";
import { conflict, unarchivable } from "./archive-errors.ts";
import { appendToManifest, prepareManifest } from "./archive-manifest.ts";
import { archivePlaceOf, pathInTree } from "./archive-place.ts";
import type { ArchivePorts, ArchiveSegmentOptions } from "./archive-ports.ts";
import { type ArchiveRun, copyToPlace, movePacked, packToPlace, readPublished } from "./archive-steps.ts";
import { type ArchiveFiles, archiveFilesOf, hasCode, readFlags } from "./files/archive-files.ts";
import { isSameDigest } from "./files/digest.ts";
import { makeDirectories } from "./files/make-directories.ts";
import type { PackedContent } from "./pack-segment.ts";
import { runUntilAborted } from "./progress.ts";

/** What became of a segment. */
export interface ArchivedSegment {
  /** Absolute, below `archived/`. */
  readonly path: string;
  /** On disk, compressed. */
  readonly bytes: number;
  /** Of the compressed file, 64 hex digits. */
  readonly sha256: string;
  /** Uncompressed. */
  readonly plainBytes: number;
  /** Times of the entries, milliseconds since the epoch, by the first and the last line; undefined when unknown. */
  readonly firstMs: number | undefined;
  readonly lastMs: number | undefined;
  /** Whether the archived copy was there already, from a run that was cut off. */
  readonly resumed: boolean;
}

/**
 * Archives one sealed segment: packs it to a `.part` file, reads that back, fsync, rename to its place below
 * `archived/`, fsync of the directory, manifest line, and only then removes the source. One that the writer has
 * compressed already is read to its end and renamed.
 *
 * A crash at any step leaves the old or the new file, or for a moment both, of which readers take the old one; calling
 * again finishes what was begun. Two runs at once do each other no harm. Compression runs in the thread pool; the
 * thread of the caller hashes 256 KiB at a time.
 *
 * The floor of the stream is not its business: whoever archives the newest sealed segment of a stream raises it first
 * (`raiseStreamFloor` of `@waybill/log-tree`), as `applyRetention` of `@waybill/retention` does. Else `seq` and numbers of
 * segments may be used twice.
 *
 * @param segment - as `listSegments` found it; refused unless it still is that file.
 * @throws {WaybillError} as a rejection: `WAYBILL_SEGMENT_UNARCHIVABLE` with `details.reason` (`not_sealed`,
 *   `shadowed`, `live`, `changed`, `vanished`, `damaged`), `WAYBILL_ARCHIVE_CONFLICT` when another file stands at its
 *   place, `WAYBILL_ARCHIVE_UNVERIFIED` when the disk does not give back what was written.
 * @throws the error of the file system (`ENOSPC`, …). Whatever the error, the entries are still there, once.
 * @see decisions D4 to D8
 */
export function archiveSegment(
  segment: Segment,
  ports: ArchivePorts,
  options: ArchiveSegmentOptions = {},
): Promise<ArchivedSegment> {
  return archiveWith(archiveFilesOf(ports.fileSystem), segment, ports, options);
}

/** {@link archiveSegment} over given calls. @internal */
export async function archiveWith(
  files: ArchiveFiles,
  segment: Segment,
  ports: ArchivePorts,
  options: ArchiveSegmentOptions = {},
): Promise<ArchivedSegment> {
  const { level = 6, signal } = options;
  if (!Number.isInteger(level) || level < 1 || level > 9)
    throw new RangeError(`the level of gzip is an integer from 1 to 9, not ${level}`);
  const place = placeOf(segment, ports.layout);
  return await runUntilAborted(signal, async () => {
    await refuseLive(files, segment);
    const sourceFd = await openSource(files, segment);
    try {
      const run: ArchiveRun = { files, segment, sourceFd, place, level, options };
      await prepareManifest(files, ports.layout);
      await makeDirectories(files, ports.layout.root, path.dirname(place));
      const { content, resumed } = await publish(run);
      await note(files, ports, segment, place, content);
      await removeSource(files, segment);
      return {
        path: place,
        bytes: content.packed.bytes,
        sha256: content.packed.sha256,
        plainBytes: content.plain.bytes,
        ...content.span,
        resumed,
      };
    } finally {
      await files.close(sourceFd);
    }
  });
}

function placeOf(segment: Segment, layout: TreeLayout): string {
  if (segment.state !== "sealed") throw unarchivable(segment, "not_sealed", `it is ${segment.state}`);
  if (segment.shadowed)
    throw unarchivable(segment, "shadowed", "its entries stand in another file, which goes first");
  const place = archivePlaceOf(segment, layout);
  if (place === undefined) throw unarchivable(segment, "not_sealed", "its name has no seal");
  return place;
}

/** A crash between `link` and `unlink` of a seal leaves the active name on the sealed file: its writer acts first. */
async function refuseLive(files: ArchiveFiles, segment: Segment): Promise<void> {
  const { component, writer } = segment.name;
  const active = path.join(path.dirname(segment.path), formatSegmentName({ component, writer }));
  const found = await files.lstat(active);
  if (found?.inode === segment.inode && found.device === segment.device)
    throw unarchivable(segment, "live", `${active} is the same file`);
}

async function openSource(files: ArchiveFiles, segment: Segment): Promise<number> {
  const fd = await openListed(files, segment);
  try {
    const found = await files.stat(fd);
    const isListed =
      found.kind === "file" &&
      found.inode === segment.inode &&
      found.device === segment.device &&
      found.size === segment.bytes;
    if (!isListed) throw unarchivable(segment, "changed", "it is not the file that was listed");
    return fd;
  } catch (error) {
    await files.close(fd);
    throw error;
  }
}

async function openListed(files: ArchiveFiles, segment: Segment): Promise<number> {
  try {
    return await files.open(segment.path, readFlags);
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR"))
      throw unarchivable(segment, "vanished", "nothing has its name", error);
    // What O_NOFOLLOW answers to a link.
    if (hasCode(error, "ELOOP")) throw unarchivable(segment, "changed", "a link has its name", error);
    throw error;
  }
}

/** Makes sure that a whole copy stands at its place. */
async function publish(run: ArchiveRun): Promise<{ content: PackedContent; resumed: boolean }> {
  const { files, place, segment } = run;
  const standing = await files.lstat(place);
  if (standing !== undefined) {
    if (standing.kind !== "file") throw conflict(place, `is a ${standing.kind}`);
    const { source, published } = await readPublished(run);
    if (!isSameDigest(source.plain, published.plain))
      throw conflict(place, `holds other entries than ${segment.path}`);
    return { content: published, resumed: true };
  }
  if (!segment.name.compressed) return { content: await packToPlace(run), resumed: false };
  try {
    return { content: await movePacked(run), resumed: false };
  } catch (error) {
    if (!hasCode(error, "EXDEV")) throw error;
    // `archived/` is another disk.
    return { content: await copyToPlace(run), resumed: false };
  }
}

async function note(
  files: ArchiveFiles,
  { layout, clock = systemClock }: ArchivePorts,
  segment: Segment,
  place: string,
  { packed, plain, span }: PackedContent,
): Promise<void> {
  await appendToManifest(files, layout, [
    {
      event: "archived",
      atMs: clock.now(),
      path: pathInTree(layout, place),
      source: pathInTree(layout, segment.path),
      bytes: packed.bytes,
      sha256: packed.sha256,
      plainBytes: plain.bytes,
      plainSha256: plain.sha256,
      ...span,
    },
  ]);
}

/** The last step. Another file that took the name meanwhile is left alone. */
async function removeSource(files: ArchiveFiles, segment: Segment): Promise<void> {
  const found = await files.lstat(segment.path);
  if (found === undefined || found.inode !== segment.inode || found.device !== segment.device) return;
  await files.unlink(segment.path);
  await files.syncDirectory(path.dirname(segment.path));
}
