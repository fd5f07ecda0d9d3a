import type { Clock, FileStat, FileSystem } from "@waybill/protocols";
import { openActive, quarantine } from "./active-file.ts";
import { errnoOf } from "./failure.ts";
import type { StreamPath } from "./stream-path.ts";

/** What bears the name instead of a file: a symbolic link, which leads elsewhere, a directory, a socket. */
const obstacleCodes: ReadonlySet<string | undefined> = new Set(["ELOOP", "EISDIR", "ENXIO"]);

/**
 * Opens what bears the active name, creating it and its directories. What is no file is renamed out of the way.
 *
 * @throws as the file system.
 */
export function openUnlessForeign(
  fileSystem: FileSystem,
  stream: StreamPath,
  clock: Clock,
  isDurable: boolean,
): number {
  try {
    return openActive(fileSystem, stream, isDurable);
  } catch (error) {
    if (!obstacleCodes.has(errnoOf(error))) throw error;
    quarantine(fileSystem, stream, clock);
    return openActive(fileSystem, stream, isDurable);
  }
}

/** What was opened; undefined when it is no plain file and was renamed: open once more. */
export function statUnlessForeign(
  fileSystem: FileSystem,
  stream: StreamPath,
  clock: Clock,
  fd: number,
): FileStat | undefined {
  const stats = fileSystem.stat(fd);
  if (stats.kind === "file") return stats;
  quarantine(fileSystem, stream, clock);
  return undefined;
}
