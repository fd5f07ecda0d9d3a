import * as path from "node:path";
import { makeDirectories } from "../active-file.ts";
import type { SegmentPorts } from "../segment-ports.ts";
import { partPath, type StreamPath } from "../stream-path.ts";

/**
 * Takes the lock of the directory.
 *
 * @returns where this process writes the stream: under a name of its own when another one holds the lock.
 * @throws as the file system.
 */
export function claimPath(
  stream: StreamPath,
  lockFile: string | undefined,
  isDurable: boolean,
  { fileSystem, locks }: SegmentPorts,
): StreamPath {
  if (locks === undefined || lockFile === undefined || stream.writer !== undefined) return stream;
  makeDirectories(fileSystem, path.dirname(lockFile), isDurable);
  return locks.acquire(lockFile) ? stream : partPath(stream, locks.partName);
}
