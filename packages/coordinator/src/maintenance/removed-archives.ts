import * as path from "node:path";
import { readArchiveManifest, recordRemoval } from "@waybill/archive";
import type { TreeLedger } from "@waybill/log-tree";
import type { Clock, FileSystem } from "@waybill/protocols";
import { readDeletions } from "@waybill/retention";

/**
 * Takes archived files out of the archive's manifest that retention has deleted, where a crash or a full disk kept it
 * from telling the archive.
 *
 * @throws the error of the file system, as a rejection.
 */
export async function recordMissedRemovals(
  ledger: TreeLedger,
  ports: { readonly clock: Clock; readonly fileSystem?: FileSystem },
): Promise<void> {
  const { layout } = ledger;
  const listed = await readArchiveManifest({ layout, ...ports });
  const standing = new Set((await ledger.segmentsInSlices()).map((segment) => segment.path));
  const absent = [...listed.keys()].filter((file) => !standing.has(file));
  // The list of deletions may have megabytes, and is read at one go.
  if (absent.length === 0) return;
  const { records } = readDeletions(layout.root, ports);
  const deleted = new Set(
    records
      .filter(({ phase }) => phase === "done")
      .map(({ file }) => path.join(layout.root, ...file.split("/"))),
  );
  await recordRemoval(
    absent.filter((file) => deleted.has(file)),
    { layout, ...ports },
  );
}
