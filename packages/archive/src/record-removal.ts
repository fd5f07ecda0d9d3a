import { systemClock } from "@waybill/protocols";
import { appendToManifest } from "./archive-manifest.ts";
import { pathInTree } from "./archive-place.ts";
import type { ArchivePorts } from "./archive-ports.ts";
import { archiveFilesOf } from "./files/archive-files.ts";

/**
 * Notes in the manifest that archived files were deleted by policy, so that `verifyArchive` does not miss them. For
 * whoever deletes them, after it has.
 *
 * @param paths - absolute, as `archiveSegment` and `listSegments` tell them.
 * @throws the error of the file system, as a rejection.
 */
export async function recordRemoval(paths: readonly string[], ports: ArchivePorts): Promise<void> {
  const { layout, fileSystem, clock = systemClock } = ports;
  if (paths.length === 0) return;
  const atMs = clock.now();
  const lines = paths.map((file) => ({ event: "removed", atMs, path: pathInTree(layout, file) }) as const);
  await appendToManifest(archiveFilesOf(fileSystem), layout, lines);
}
