import { randomBytes } from "node:crypto";
import { createWriteStream, type Stats } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import * as path from "node:path";
import { readTree, type TreeLayout } from "@waybill/log-tree";
import { systemClock } from "@waybill/protocols";
import { conflict, unverified } from "./archive-errors.ts";
import { pathInTree } from "./archive-place.ts";
import { type BundleFormat, bundleFormatOf } from "./bundle/bundle-format.ts";
import { type BundledFile, type BundleProblem, formatBundleManifest } from "./bundle/bundle-manifest.ts";
import { readMatchingEntries } from "./bundle/matching-entries.ts";
import { markerName } from "./bundle/member-name.ts";
import { type MemberSource, readRange } from "./bundle/member-source.ts";
import { packBundle } from "./bundle/pack-bundle.ts";
import { compareWithManifest, readBundle } from "./bundle/read-bundle.ts";
import { type BundleSelection, type ResolvedSelection, resolveSelection } from "./bundle/selection.ts";
import { readWholeSegments } from "./bundle/whole-segments.ts";
import { fileMode, nodeFiles } from "./files/archive-files.ts";
import { type LongCallOptions, runUntilAborted } from "./progress.ts";

/** Options of {@link bundleLogs}. */
export interface BundleOptions extends LongCallOptions {
  /** Level of gzip or deflate, integer 1 (fast) to 9 (small). Default 6. Ignored for `.tar.zst`. */
  readonly level?: number;
}

/** A bundle that was made. */
export interface Bundle {
  /** Absolute. */
  readonly path: string;
  /** Of the bundle. */
  readonly bytes: number;
  /** In it, without the manifest. */
  readonly files: readonly BundledFile[];
  /** Bytes of these. */
  readonly unpackedBytes: number;
  /** What could not be read, and so is missing; the manifest has it too. */
  readonly problems: readonly BundleProblem[];
}

/** One bundle in the making. */
interface Bundling {
  readonly layout: TreeLayout;
  readonly selection: ResolvedSelection;
  readonly format: BundleFormat;
  readonly target: string;
  readonly part: string;
  readonly options: BundleOptions;
  readonly problems: BundleProblem[];
}

/**
 * Packs logs into one file to hand on: all segments of a container, or the entries of a day, a correlation id or a
 * time range, from live, sealed and archived segments. Changes nothing in the tree.
 *
 * What is in the bundle is itself a small log tree, with `manifest.json` and the SHA-256 of each file. It is written to
 * a `.part` file, read back whole and compared, fsynced, and only then has its name. A kill leaves `.part` and
 * `.spool` files beside the target.
 *
 * @param root - of the tree.
 * @param target - ends in `.tar.gz`, `.tgz`, `.tar.zst` (where Node has zstd) or `.zip`; must not exist, its directory
 *   must. Not inside the tree.
 * @throws {WaybillError} as a rejection: `WAYBILL_TREE_NOT_FOUND`, `WAYBILL_TREE_FORMAT_UNKNOWN`,
 *   `WAYBILL_ARCHIVE_CONFLICT` when the target exists, `WAYBILL_ARCHIVE_UNVERIFIED` when the disk does not give back
 *   what was written, `WAYBILL_ARCHIVE_REFUSED` for another ending.
 * @throws {RangeError} for a selection that is none, or a target in the tree. @throws the error of the file system.
 */
export async function bundleLogs(
  root: string,
  selection: BundleSelection,
  target: string,
  options: BundleOptions = {},
): Promise<Bundle> {
  const { level = 6, signal } = options;
  if (!Number.isInteger(level) || level < 1 || level > 9)
    throw new RangeError(`the level of a bundle is an integer from 1 to 9, not ${level}`);
  const { layout } = readTree(root);
  const file = path.resolve(target);
  if (file.startsWith(layout.root + path.sep))
    throw new RangeError(`a bundle stands outside the tree, not at ${file}`);
  const run: Bundling = {
    layout,
    selection: resolveSelection(selection),
    format: bundleFormatOf(file),
    target: file,
    part: `${file}.${randomBytes(6).toString("hex")}.part`,
    options: { ...options, level },
    problems: [],
  };
  if ((await nodeFiles.lstat(file)) !== undefined) throw conflict(file, "exists");
  return await runUntilAborted(signal, async () => {
    try {
      const files = await pack(run);
      await readBack(run, files);
      return await publish(run, files);
    } catch (error) {
      await rm(run.part, { force: true });
      throw error;
    }
  });
}

async function pack(run: Bundling): Promise<readonly BundledFile[]> {
  const { layout, selection, format, part, options, problems } = run;
  const { level = 6, signal, onProgress } = options;
  let streams: { done: number; total: number | undefined } = { done: 0, total: undefined };
  const tell = (file: string, bytes: number): void =>
    onProgress?.({
      step: "pack",
      file,
      bytes,
      bytesTotal: undefined,
      files: streams.done,
      filesTotal: streams.total,
    });
  let bytesSoFar = 0;
  const members = membersOf(run, (stream, done, total) => {
    streams = { done, total };
    tell(stream, bytesSoFar);
  });
  const output = createWriteStream(part, { flags: "wx", mode: fileMode });
  return await packBundle(members, output, {
    format,
    level,
    signal,
    onBytes(file, bytes) {
      bytesSoFar = bytes;
      tell(path.join(layout.root, file), bytes);
    },
    manifestOf: (files) =>
      formatBundleManifest({ createdMs: systemClock.now(), selection: selection.fields, files, problems }),
  });
}

async function* membersOf(
  { layout, selection, target, options, problems }: Bundling,
  onStream: (stream: string, done: number, total: number) => void,
): AsyncGenerator<MemberSource, void, undefined> {
  yield* readMarker(layout);
  const pathOf = (file: string): string => pathInTree(layout, file);
  const onProblem = (problem: BundleProblem): void => {
    problems.push(problem);
  };
  if (selection.whole && selection.container !== undefined) {
    yield* readWholeSegments(layout.root, selection.container, pathOf, onProblem);
    return;
  }
  yield* readMatchingEntries({
    root: layout.root,
    selection,
    spool: `${target}.${randomBytes(6).toString("hex")}.spool`,
    pathOf,
    onProblem,
    signal: options.signal,
    onStream,
  });
}

/** The bundle is read as the tree that it was taken from. */
async function* readMarker(layout: TreeLayout): AsyncGenerator<MemberSource, void, undefined> {
  if ((await nodeFiles.lstat(layout.marker))?.kind !== "file") return;
  const handle = await open(layout.marker, "r");
  try {
    const stats: Stats = await handle.stat();
    yield { path: markerName, stats, entries: undefined, chunks: () => readRange(handle, stats.size) };
  } finally {
    await handle.close();
  }
}

/** A disk, or a packer, may lie: the bundle counts only as what it reads back as. */
async function readBack(run: Bundling, files: readonly BundledFile[]): Promise<void> {
  const { part, format, options } = run;
  const filesTotal = files.length;
  const bytesTotal = totalBytes(files);
  const unlimited = Number.POSITIVE_INFINITY;
  const sink = { write: () => undefined, end: () => undefined };
  const content = await readBundle(part, {
    format,
    limits: { bytesMax: unlimited, ratioMax: unlimited, membersMax: unlimited },
    signal: options.signal,
    sinkOf: () => sink,
    onBytes: (file, bytes) =>
      options.onProgress?.({ step: "verify", file, bytes, bytesTotal, files: 0, filesTotal }),
  }).catch((error: unknown) => {
    options.signal?.throwIfAborted();
    throw unverified(part, error);
  });
  const [problem] = compareWithManifest(content);
  if (problem !== undefined || content.found.size !== files.length)
    throw unverified(part, new Error(problem === undefined ? "a file is missing" : problem.path));
}

async function publish({ part, target, problems }: Bundling, files: readonly BundledFile[]): Promise<Bundle> {
  const handle = await open(part, "r+");
  let bytes: number;
  try {
    await handle.sync();
    bytes = (await handle.stat()).size;
  } finally {
    await handle.close();
  }
  if ((await nodeFiles.lstat(target)) !== undefined) throw conflict(target, "was created meanwhile");
  await rename(part, target);
  await nodeFiles.syncDirectory(path.dirname(target));
  return { path: target, bytes, files, unpackedBytes: totalBytes(files), problems };
}

function totalBytes(files: readonly BundledFile[]): number {
  return files.reduce((sum, file) => sum + file.bytes, 0);
}
