import { constants } from "node:fs";
import {
  type EntryTimes,
  entryTimesBytes,
  entryTimesOf,
  isLogFile,
  readSegment,
  type Segment,
} from "@waybill/log-tree";
import { type FileSystem, nodeFileSystem } from "@waybill/protocols";
import { readFileEnd, readFilePiece } from "./whole-file.ts";

/** More than a line, of nearly all segments; unpacked too. */
const pieceBytes = 8192;
const { O_RDONLY, O_NOFOLLOW } = constants;

/**
 * Reads the times of a segment from its first and last 8 KiB, or 64 KiB where lines are long. The end of a compressed one is only known after
 * unpacking all of it, so that is left undefined.
 *
 * Of what is no log, temporary or set aside, both are undefined.
 *
 * Where the clock was set back in the middle of a segment, the later of both ends counts as its last time.
 *
 * @throws the error of the file system.
 */
export async function readEntryTimes(
  segment: Segment,
  fileSystem: FileSystem = nodeFileSystem,
): Promise<EntryTimes> {
  if (segment.bytes === 0 || !isLogFile(segment)) return { firstMs: undefined, lastMs: undefined };
  if (!segment.name.compressed) return readEnds(segment, fileSystem);
  for await (const { entry } of readSegment(segment, { chunkBytes: pieceBytes, fileSystem })) {
    return { firstMs: entry.timestampMs, lastMs: undefined };
  }
  return { firstMs: undefined, lastMs: undefined };
}

function readEnds(segment: Segment, fileSystem: FileSystem): EntryTimes {
  const fd = fileSystem.open(segment.path, O_RDONLY | (O_NOFOLLOW ?? 0), 0);
  try {
    const times = timesWithin(pieceBytes, fd, segment, fileSystem);
    return times.lastMs === undefined ? timesWithin(entryTimesBytes, fd, segment, fileSystem) : times;
  } finally {
    fileSystem.close(fd);
  }
}

/** @param bytes - of its beginning and of its end. */
function timesWithin(bytes: number, fd: number, segment: Segment, fileSystem: FileSystem): EntryTimes {
  const head = readFilePiece(fd, 0, Buffer.alloc(Math.min(bytes, segment.bytes)), fileSystem);
  return entryTimesOf(head, readFileEnd(fd, segment.bytes, bytes, fileSystem));
}
