import { constants } from "node:fs";
import * as path from "node:path";
import { gunzipSync } from "node:zlib";
import type { SegmentName } from "@waybill/log-tree";
import type { FileSystem } from "@waybill/protocols";
import { errnoOf } from "./failure.ts";
import { type StreamPath, sealedNameOf } from "./stream-path.ts";
import { inspectTail, lastEntryIn, readFully } from "./tail.ts";

/** What the sealed segments of a stream tell about how to go on. */
export interface LastSealed {
  /** Highest number in use; 0 when there is no sealed segment. */
  readonly number: number;
  /** `seq` of the last entry of the newest readable sealed segment; 0 when there is none. */
  readonly lastSeq: number;
}

interface Sealed {
  readonly name: SegmentName;
  readonly file: string;
}

/** Unpacking happens before the first entry of a run, so a segment larger than this is not unpacked for one number. */
const unpackedBytesMax = 268_435_456;

/** The highest number of a sealed segment in the directory of a stream; 0 when there is none. */
export function lastSealedNumber(fileSystem: FileSystem, stream: StreamPath): number {
  return sealedSegments(fileSystem, stream)[0]?.name.seal?.number ?? 0;
}

/**
 * Reads the end of the newest sealed segment, so that `seq` continues when the active one is empty or gone. Seldom
 * needed: only after an end between seal and first write. A damaged segment is passed over for the one before it.
 *
 * @param isStrict - whether a segment that the system fails to read ends the search: the number of an older one would
 * be used twice. Else it counts as damaged.
 * @throws what the file system throws.
 */
export function readLastSealed(fileSystem: FileSystem, stream: StreamPath, isStrict: boolean): LastSealed {
  const segments = sealedSegments(fileSystem, stream);
  const number = segments[0]?.name.seal?.number ?? 0;
  for (const segment of segments) {
    try {
      const lastSeq = lastSeqOf(fileSystem, segment);
      if (lastSeq > 0) return { number, lastSeq };
    } catch (error) {
      if (isStrict && errnoOf(error) !== "ENOENT") throw error;
    }
  }
  return { number, lastSeq: 0 };
}

/** What a stream with `compress` finds from earlier runs. */
export interface Leftovers {
  /** Sealed segments that are still plain, oldest first. */
  readonly plain: readonly string[];
  /** Results of compressions that an end of the process cut off. */
  readonly parts: readonly string[];
}

/** The sealed segments of a stream that were left uncompressed, and halves of compressed ones. */
export function findLeftovers(fileSystem: FileSystem, stream: StreamPath): Leftovers {
  const plain = sealedSegments(fileSystem, stream).filter(({ name }) => !name.compressed);
  const parts = fileSystem
    .readdir(stream.directory)
    .filter(({ name, kind }) => kind === "file" && sealedNameOf(stream, name)?.temporary === true);
  return {
    plain: plain.map(({ file }) => file).reverse(),
    parts: parts.map(({ name }) => path.join(stream.directory, name)),
  };
}

/** Newest first; a plain segment before its compressed copy. */
function sealedSegments(fileSystem: FileSystem, stream: StreamPath): Sealed[] {
  const segments: Sealed[] = [];
  for (const { name: fileName, kind } of fileSystem.readdir(stream.directory)) {
    const name = kind === "file" ? sealedNameOf(stream, fileName) : undefined;
    if (name !== undefined && !name.temporary)
      segments.push({ name, file: path.join(stream.directory, fileName) });
  }
  return segments.sort(
    (a, b) =>
      (b.name.seal?.number ?? 0) - (a.name.seal?.number ?? 0) ||
      Number(a.name.compressed) - Number(b.name.compressed),
  );
}

/** @returns 0 when the segment is damaged. @throws what the file system throws. */
function lastSeqOf(fileSystem: FileSystem, { name, file }: Sealed): number {
  const fd = fileSystem.open(file, constants.O_RDONLY | constants.O_NOFOLLOW, 0);
  try {
    const { size } = fileSystem.stat(fd);
    if (!name.compressed) return inspectTail(fileSystem, fd, size).lastSeq;
    const packed = Buffer.alloc(size);
    return lastSeqOfPacked(packed.subarray(0, readFully(fileSystem, fd, packed, 0)));
  } finally {
    fileSystem.close(fd);
  }
}

function lastSeqOfPacked(packed: Buffer): number {
  try {
    return lastEntryIn(gunzipSync(packed, { maxOutputLength: unpackedBytesMax }), 0)?.lastSeq ?? 0;
  } catch {
    // No gzip, cut off, or larger than may be unpacked here.
    return 0;
  }
}
