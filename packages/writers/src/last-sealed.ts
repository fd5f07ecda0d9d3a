import { constants } from "node:fs";
import * as path from "node:path";
import { gunzipSync } from "node:zlib";
import { readStreamFloor, type SegmentName, type StreamFloor } from "@waybill/log-tree";
import type { FileSystem } from "@waybill/protocols";
import { errnoOf } from "./failure.ts";
import { type StreamPath, sealedNameOf } from "./stream-path.ts";
import { inspectTail, lastEntryIn, readFully } from "./tail.ts";

/** What the sealed segments of a stream tell about how to go on. */
export interface LastSealed {
  /** Highest number that was used; 0 when there is no sealed segment and was none. */
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

/** The highest number that a sealed segment of a stream has, or had before it was taken away; 0 when there is none. */
export function lastSealedNumber(fileSystem: FileSystem, stream: StreamPath): number {
  const number = sealedSegments(fileSystem, stream)[0]?.name.seal?.number ?? 0;
  return Math.max(number, floorOf(fileSystem, stream, false).segmentNumber);
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
  const floor = floorOf(fileSystem, stream, isStrict);
  const number = Math.max(segments[0]?.name.seal?.number ?? 0, floor.segmentNumber);
  for (const segment of segments) {
    try {
      const lastSeq = Math.max(lastSeqOf(fileSystem, segment), floor.seq);
      if (lastSeq > 0) return { number, lastSeq };
    } catch (error) {
      if (isStrict && errnoOf(error) !== "ENOENT") throw error;
    }
  }
  return { number, lastSeq: floor.seq };
}

/**
 * `seq` of the last entry of the newest sealed segment; 0 when there is none, or it is compressed. When the fsync of a
 * segment has failed and the process has ended while it wrote the second copy, that is further than the active one.
 *
 * @throws what the file system throws.
 */
export function lastSeqOfSuspect(fileSystem: FileSystem, stream: StreamPath): number {
  const newest = sealedSegments(fileSystem, stream)[0];
  return newest === undefined || newest.name.compressed ? 0 : lastSeqOf(fileSystem, newest);
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

/** @param isStrict - whether a floor that cannot be read is an error. Else a stream goes on without it. */
function floorOf(fileSystem: FileSystem, { floorFile }: StreamPath, isStrict: boolean): StreamFloor {
  const none = { seq: 0, segmentNumber: 0 };
  if (floorFile === undefined) return none;
  try {
    return readStreamFloor(floorFile, fileSystem) ?? none;
  } catch (error) {
    if (isStrict) throw error;
    return none;
  }
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
