import { stat } from "node:fs/promises";
import type { FileSystem } from "@waybill/protocols";
import type { UnpackLimits } from "./bundle/unpack-budget.ts";
import { type LongCallOptions, runUntilAborted } from "./progress.ts";
import type { ArchiveVerification } from "./verification.ts";
import { verifyBundle } from "./verify-bundle.ts";
import { verifyTree } from "./verify-tree.ts";

/** Options of {@link verifyArchive}. */
export interface VerifyOptions extends LongCallOptions {
  /** Whether to unpack each file and parse each line, as well as compare checksums. Default false. */
  readonly deep?: boolean;
  /** For a bundle: how much it may unpack to. */
  readonly limits?: UnpackLimits;
  /** For a tree. Default: that of this machine; a bundle is always read there. */
  readonly fileSystem?: FileSystem;
}

/**
 * Compares the archived segments of a tree, or the files of a bundle, with the checksums that were noted when they
 * were packed. Changes nothing, restores nothing; damage is told, not thrown.
 *
 * @param target - root of a tree, or a `.tar.gz`, `.tar.zst` or `.zip` file.
 * @throws {WaybillError} as a rejection: `WAYBILL_TREE_NOT_FOUND` or `WAYBILL_TREE_FORMAT_UNKNOWN` for a directory,
 *   `WAYBILL_ARCHIVE_REFUSED` with reason `format` for a file with another ending.
 * @throws the error of the file system when the target or the manifest cannot be read.
 */
export async function verifyArchive(
  target: string,
  options: VerifyOptions = {},
): Promise<ArchiveVerification> {
  const { deep = false, limits = {}, fileSystem } = options;
  const isTree = fileSystem !== undefined || (await stat(target)).isDirectory();
  return await runUntilAborted(options.signal, () =>
    isTree
      ? verifyTree(target, { ...options, deep, fileSystem })
      : verifyBundle(target, { ...options, deep, limits }),
  );
}
