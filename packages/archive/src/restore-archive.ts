import { randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rename, rm, rmdir, writeFile } from "node:fs/promises";
import * as path from "node:path";
import { createTreeLayout } from "@waybill/log-tree";
import { conflict, refused } from "./archive-errors.ts";
import { bundleFormatOf } from "./bundle/bundle-format.ts";
import { type BundleManifest, formatBundleManifest } from "./bundle/bundle-manifest.ts";
import {
  type BundleContent,
  compareWithManifest,
  type MemberSink,
  readBundle,
} from "./bundle/read-bundle.ts";
import type { UnpackLimits } from "./bundle/unpack-budget.ts";
import { createFlags, directoryMode, fileMode, hasCode, nodeFiles } from "./files/archive-files.ts";
import { type LongCallOptions, runUntilAborted } from "./progress.ts";

/** Options of {@link restoreArchive}. */
export interface RestoreOptions extends LongCallOptions {
  /** How much the bundle may unpack to. */
  readonly limits?: UnpackLimits;
}

/** What was restored. */
export interface RestoredBundle {
  /** Absolute. */
  readonly root: string;
  /** Without the manifest. */
  readonly files: number;
  readonly bytes: number;
  /** As it stood in the bundle; it is restored as `.waybill/manifests/bundle.json`. */
  readonly manifest: BundleManifest;
}

/**
 * Unpacks a bundle into a new log tree, all of it or nothing: it is unpacked beside the target, compared with its
 * manifest, fsynced, and only then has its name.
 *
 * Safe against hostile bundles. Only names of the format of a log tree are taken, only plain files, each once, and no
 * more bytes than the limits allow; no link is made, no mode or owner is taken over, and nothing is written outside
 * the directory. A kill leaves a directory `<into>.….part`.
 *
 * @param into - must not exist, or be empty.
 * @throws {WaybillError} as a rejection: `WAYBILL_ARCHIVE_REFUSED` with `details.reason` (`format`, `name`, `type`,
 *   `duplicate`, `limit`, `damaged`, `manifest`), `WAYBILL_ARCHIVE_CONFLICT` when `into` is not empty.
 * @throws the error of the file system.
 */
export async function restoreArchive(
  bundle: string,
  into: string,
  options: RestoreOptions = {},
): Promise<RestoredBundle> {
  const { limits = {}, signal, onProgress } = options;
  const file = path.resolve(bundle);
  const root = path.resolve(into);
  const format = bundleFormatOf(file);
  return await runUntilAborted(signal, async () => {
    await refuseUsed(root);
    const staging = await openStaging(root);
    try {
      const content = await readBundle(file, {
        format,
        limits,
        signal,
        sinkOf: staging.sinkOf,
        onBytes: (name, bytes) =>
          onProgress?.({
            step: "restore",
            file: path.join(root, name),
            bytes,
            bytesTotal: undefined,
            files: staging.files(),
            filesTotal: undefined,
          }),
      });
      refuseDifferent(file, content);
      await staging.addManifest(content.manifest);
      await staging.publish();
      const bytes = content.manifest.files.reduce((sum, { bytes: length }) => sum + length, 0);
      return { root, files: content.found.size, bytes, manifest: content.manifest };
    } catch (error) {
      await staging.remove();
      throw error;
    }
  });
}

async function refuseUsed(root: string): Promise<void> {
  try {
    const [name] = await readdir(root);
    if (name !== undefined) throw conflict(root, `is not empty (${JSON.stringify(name)})`);
  } catch (error) {
    if (hasCode(error, "ENOTDIR")) throw conflict(root, "is no directory");
    if (!hasCode(error, "ENOENT")) throw error;
  }
}

function refuseDifferent(bundle: string, content: BundleContent): void {
  const problems = compareWithManifest(content);
  const [problem] = problems;
  if (problem === undefined) return;
  const more = problems.length > 1 ? `, and ${problems.length - 1} more` : "";
  const reason = problem.code === "changed" ? "damaged" : "manifest";
  const why = `${problem.path} is ${problem.code}: ${problem.message}${more}`;
  throw refused(bundle, reason, why, { member: problem.path });
}

/** A directory beside the target, which nobody else knows. */
async function openStaging(root: string) {
  const parent = path.dirname(root);
  await mkdir(parent, { recursive: true });
  const base = `${root}.${randomBytes(6).toString("hex")}.part`;
  await mkdir(base, { mode: directoryMode });
  const directories = new Set([base]);
  const files: string[] = [];

  const makeDirectory = async (directory: string): Promise<void> => {
    if (directories.has(directory)) return;
    await makeDirectory(path.dirname(directory));
    await mkdir(directory, { mode: directoryMode });
    directories.add(directory);
  };
  return {
    files: () => files.length,
    async sinkOf(name: string): Promise<MemberSink> {
      const file = path.join(base, ...name.split("/"));
      await makeDirectory(path.dirname(file));
      const handle = await open(file, createFlags, fileMode);
      files.push(file);
      return createFileSink(handle);
    },
    async addManifest(manifest: BundleManifest): Promise<void> {
      const { manifests } = createTreeLayout(base);
      await makeDirectory(manifests);
      const file = path.join(manifests, "bundle.json");
      await writeFile(file, formatBundleManifest(manifest), { flag: "wx", mode: fileMode, flush: true });
    },
    async publish(): Promise<void> {
      // Only now, for a bundle that is refused costs no fsync.
      for (const file of files) await syncFile(file);
      for (const directory of directories) await nodeFiles.syncDirectory(directory);
      await removeEmpty(root);
      await rename(base, root);
      await nodeFiles.syncDirectory(parent);
    },
    remove: () => rm(base, { recursive: true, force: true }),
  };
}

function createFileSink(handle: FileHandle): MemberSink {
  return {
    async write(chunk) {
      for (let offset = 0; offset < chunk.length; ) {
        const { bytesWritten } = await handle.write(chunk, offset, chunk.length - offset);
        offset += bytesWritten;
      }
    },
    end: () => handle.close(),
    cancel: () => handle.close(),
  };
}

async function syncFile(file: string): Promise<void> {
  const handle = await open(file, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A rename replaces an empty directory on Linux and macOS, but not on Windows. */
async function removeEmpty(root: string): Promise<void> {
  try {
    await rmdir(root);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
}
