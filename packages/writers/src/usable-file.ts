import type { Clock, FileStat, FileSystem } from "@waybill/protocols";
import { openActive, quarantine } from "./active-file.ts";
import { errnoOf } from "./failure.ts";
import type { StreamPath } from "./stream-path.ts";

/**
 * Opens what bears the active name, creating it and its directories. A symbolic link, which leads elsewhere, is renamed
 * out of the way; a directory too if it came while the stream was written: one that was there before has its reason.
 *
 * @param isReplaced - whether a file was written under this name before.
 * @throws as the file system.
 */
export function openUnlessForeign(
  fileSystem: FileSystem,
  stream: StreamPath,
  clock: Clock,
  isDurable: boolean,
  isReplaced: boolean,
): number {
  try {
    return openActive(fileSystem, stream, isDurable);
  } catch (error) {
    const code = errnoOf(error);
    if (code !== "ELOOP" && !(code === "EISDIR" && isReplaced)) throw error;
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
