import { constants } from "node:fs";
import { parseEntry, readSegment, type Segment } from "@waybill/log-tree";
import type { FileSystem } from "@waybill/protocols";
import { readFileEnd, readFilePiece } from "./whole-file.ts";

/** Long enough for the longest line that the writers of this release make by default. */
const pieceBytes = 65_536;
/** Unpacked it is more than a line. */
const packedBytes = 8192;
const { O_RDONLY, O_NOFOLLOW } = constants;

/** Times of the first and the last entry, milliseconds since the epoch; undefined = not found. */
export interface EntryTimes {
  readonly firstMs: number | undefined;
  readonly lastMs: number | undefined;
}

/**
 * Reads the times of a segment from its first and last 64 KiB. The end of a compressed one is only known after
 * unpacking all of it, so that is left undefined.
 *
 * Where the clock was set back in the middle of a segment, the later of both ends counts as its last time.
 *
 * @throws the error of the file system.
 */
export async function readEntryTimes(segment: Segment, fileSystem: FileSystem): Promise<EntryTimes> {
  if (segment.bytes === 0) return { firstMs: undefined, lastMs: undefined };
  if (!segment.name.compressed) return readEnds(segment, fileSystem);
  for await (const { entry } of readSegment(segment, { chunkBytes: packedBytes, fileSystem })) {
    return { firstMs: entry.timestampMs, lastMs: undefined };
  }
  return { firstMs: undefined, lastMs: undefined };
}

function readEnds(segment: Segment, fileSystem: FileSystem): EntryTimes {
  const fd = fileSystem.open(segment.path, O_RDONLY | (O_NOFOLLOW ?? 0), 0);
  try {
    const piece = Buffer.alloc(Math.min(pieceBytes, segment.bytes));
    const head = readFilePiece(fd, 0, piece, fileSystem).toString("utf8").split("\n");
    const tail = readFileEnd(fd, segment.bytes, pieceBytes, fileSystem).toString("utf8").split("\n");
    const times = [firstTime(head), firstTime(tail.toReversed())].filter((time) => time !== undefined);
    if (times.length < 2) return { firstMs: undefined, lastMs: undefined };
    return { firstMs: Math.min(...times), lastMs: Math.max(...times) };
  } finally {
    fileSystem.close(fd);
  }
}

function firstTime(lines: readonly string[]): number | undefined {
  for (const line of lines) {
    const entry = line === "" ? undefined : parseEntry(line);
    if (entry !== undefined) return entry.timestampMs;
  }
  return undefined;
}
