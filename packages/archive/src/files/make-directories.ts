import * as path from "node:path";
import { WaybillError } from "@waybill/protocols";
import type { ArchiveFiles } from "./archive-files.ts";

/**
 * Creates the directories below `root` that lead to `directory`, one by one, each durable in its parent. A link in
 * their place is refused: it could lead anywhere.
 *
 * @throws {WaybillError} `WAYBILL_ARCHIVE_CONFLICT`. @throws what the file system throws.
 */
export async function makeDirectories(files: ArchiveFiles, root: string, directory: string): Promise<void> {
  let current = root;
  for (const part of path.relative(root, directory).split(path.sep)) {
    const parent = current;
    current = path.join(parent, part);
    const found = await files.lstat(current);
    if (found?.kind === "directory") continue;
    if (found !== undefined) {
      throw new WaybillError("WAYBILL_ARCHIVE_CONFLICT", `${current} is a ${found.kind}, not a directory`, {
        details: { path: current },
      });
    }
    await files.mkdir(current);
    await files.syncDirectory(parent);
  }
}
