import { claimPath } from "./ownership/claimed-path.ts";
import type { SegmentPorts } from "./segment-ports.ts";
import type { StreamPath } from "./stream-path.ts";

/**
 * Whether an earlier run has left something in the active segment of a stream that this one has not opened. Nothing is
 * created for that; the lock of the directory is taken when there is.
 *
 * @throws as the file system; `EBUSY` when it belongs to another process, running or gone.
 */
export function hasLeftSegment(
  stream: StreamPath,
  lockFile: string | undefined,
  isDurable: boolean,
  ports: SegmentPorts,
): boolean {
  const named = ports.fileSystem.lstat(stream.active);
  if (named?.kind !== "file" || named.size === 0) return false;
  // The part file of a process tells its pid, but not of which machine and whether that one still runs.
  const isOthers = stream.writer !== undefined || claimPath(stream, lockFile, isDurable, ports) !== stream;
  if (!isOthers) return true;
  throw Object.assign(new Error(`EBUSY: ${stream.active} belongs to another process`), { code: "EBUSY" });
}
