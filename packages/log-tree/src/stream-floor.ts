import * as fs from "node:fs";
import * as path from "node:path";
import type { FileSystem } from "@waybill/protocols";
import { errorCodeOf } from "./error-code.ts";
import { createTemporary, removeQuietly, temporaryBeside } from "./temporary-file.ts";

/**
 * The numbers of a stream that are taken though no file in its directory may show it any more: those of the newest
 * sealed segment that was archived or deleted. A stream goes on behind both its files and its floor.
 */
export interface StreamFloor {
  /** `seq` of the last entry; 0 when there was none. */
  readonly seq: number;
  /** `<n>` of the sealed segment. */
  readonly segmentNumber: number;
}

/** Longer than any floor; what is longer is none. */
const bytesMax = 256;

/** The floor in a file; undefined when there is none, or no whole one. @throws as the file system. */
export function readStreamFloor(file: string, fileSystem: FileSystem): StreamFloor | undefined {
  let fd: number;
  try {
    fd = fileSystem.open(file, fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0), 0);
  } catch (error) {
    if (errorCodeOf(error) === "ENOENT") return undefined;
    throw error;
  }
  try {
    const bytes = Buffer.alloc(bytesMax);
    return parseFloor(bytes.toString("utf8", 0, fileSystem.read(fd, bytes, 0, bytesMax, 0)));
  } finally {
    fileSystem.close(fd);
  }
}

/**
 * Raises the floor of a stream, durably. Whoever takes the newest sealed segment out of a stream's directory calls
 * this first, with the numbers of that segment: after power loss the floor must be found where the segment is not.
 *
 * @param file - `floorFile` of the layout. One process at a time may raise a floor.
 * @throws as the file system; the segment must stay then.
 */
export function raiseStreamFloor(file: string, floor: StreamFloor, fileSystem: FileSystem): void {
  const before = readStreamFloor(file, fileSystem);
  const seq = Math.max(floor.seq, before?.seq ?? 0);
  const segmentNumber = Math.max(floor.segmentNumber, before?.segmentNumber ?? 0);
  if (before?.seq === seq && before.segmentNumber === segmentNumber) return;
  const temporary = temporaryBeside(file);
  try {
    createTemporary(temporary, `${JSON.stringify({ seq, segment_number: segmentNumber })}\n`, fileSystem);
    fileSystem.rename(temporary, file);
    fileSystem.syncDirectory(path.dirname(file));
  } finally {
    removeQuietly(temporary, fileSystem);
  }
}

function parseFloor(text: string): StreamFloor | undefined {
  try {
    const { seq, segment_number: segmentNumber } = JSON.parse(text) as Record<string, unknown>;
    return isCount(seq) && isCount(segmentNumber) ? { seq, segmentNumber } : undefined;
  } catch {
    return undefined;
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
