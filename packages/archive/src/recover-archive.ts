import * as path from "node:path";
import { createEventLoopTurn, listSegments, type Segment, type TreeLayout } from "@waybill/log-tree";
import { isWaybillError, systemClock } from "@waybill/protocols";
import { appendToManifest, compactManifest, manifestPartPattern, readManifest } from "./archive-manifest.ts";
import { archivePlaceOf, pathInTree } from "./archive-place.ts";
import type { ArchivePorts } from "./archive-ports.ts";
import { archiveWith } from "./archive-segment.ts";
import { type ArchiveFiles, archiveFilesOf, readFlags } from "./files/archive-files.ts";
import { readPacked } from "./pack-segment.ts";
import { type LongCallOptions, runUntilAborted } from "./progress.ts";

/** A file that recovery could not put right; it is left as it is. */
export interface RecoveryProblem {
  readonly file: string;
  /** Of a Waybill error, of the operating system (`EACCES`), or of zlib (`Z_DATA_ERROR`). */
  readonly code: string;
  readonly message: string;
}

/** What {@link recoverArchive} did. */
export interface ArchiveRecovery {
  /** `.part` files that a crash had left; paths. */
  readonly partsRemoved: readonly string[];
  /** Segments that stood archived and in their place, and now are archived only; paths of the archived files. */
  readonly finished: readonly string[];
  /** Archived files that the manifest did not list, and now does; paths. */
  readonly listed: readonly string[];
  /** Torn or damaged lines that were taken out of the manifest. */
  readonly damagedLines: number;
  readonly problems: readonly RecoveryProblem[];
}

/** The parts of {@link ArchiveRecovery} in the making. */
interface Recovering {
  readonly files: ArchiveFiles;
  readonly ports: ArchivePorts;
  readonly options: LongCallOptions;
  readonly partsRemoved: string[];
  readonly finished: string[];
  readonly listed: string[];
  readonly problems: RecoveryProblem[];
}

/**
 * Puts right what a crash has left of archiving: removes `.part` files below `archived/`, finishes segments that stand
 * in both places, and lists archived files that the manifest does not have. Then rewrites a manifest that is damaged
 * or has grown.
 *
 * Idempotent. For the start of a coordinator, and again after an archiving that failed: a segment that stands in both
 * places takes room twice, and retention leaves it alone until this has finished it. Not while another archives: a run
 * of another process that is archiving at this moment loses its `.part` file, fails, and has lost nothing.
 *
 * @throws {WaybillError} `WAYBILL_TREE_FORMAT_UNKNOWN`. @throws the error of the file system when the manifest cannot
 *   be read or written. What is wrong with single files is in `problems`.
 */
export async function recoverArchive(
  ports: ArchivePorts,
  options: LongCallOptions = {},
): Promise<ArchiveRecovery> {
  const { layout, fileSystem } = ports;
  const files = archiveFilesOf(fileSystem);
  const run: Recovering = { files, ports, options, partsRemoved: [], finished: [], listed: [], problems: [] };
  return await runUntilAborted(options.signal, async () => {
    const { segments } = await listSegments(layout.root, fileSystem === undefined ? {} : { fileSystem });
    const leftovers = [
      ...segments.filter(isLeftover).map((segment) => segment.path),
      ...(await manifestParts(files, layout.manifests)),
    ];
    for (const part of leftovers) await attempt(run, part, () => removePart(run, part));
    const standing = new Map(segments.map((segment) => [segment.path, segment]));
    const turn = createEventLoopTurn();
    for (const segment of segments) {
      await turn();
      if (isUnfinished(segment, run, standing)) await attempt(run, segment.path, () => finish(run, segment));
    }
    await listUnlisted(run, segments);
    const damagedLines = await tidyManifest(files, layout);
    const { partsRemoved, finished, listed, problems } = run;
    return { partsRemoved, finished, listed, damagedLines, problems };
  });
}

/** What is temporary beside an active segment is the business of its writer. */
function isLeftover(segment: Segment): boolean {
  return segment.state === "temporary" && segment.archivedOn !== undefined;
}

function isUnfinished(segment: Segment, run: Recovering, standing: ReadonlyMap<string, Segment>): boolean {
  const place = segment.state === "sealed" ? archivePlaceOf(segment, run.ports.layout) : undefined;
  return place !== undefined && !segment.shadowed && standing.has(place);
}

async function manifestParts(files: ArchiveFiles, directory: string): Promise<readonly string[]> {
  if ((await files.lstat(directory))?.kind !== "directory") return [];
  const entries = await files.readdir(directory);
  return entries
    .filter(({ name }) => manifestPartPattern.test(name))
    .map(({ name }) => path.join(directory, name));
}

async function removePart(run: Recovering, part: string): Promise<void> {
  await run.files.unlink(part);
  await run.files.syncDirectory(path.dirname(part));
  run.partsRemoved.push(part);
}

async function finish(run: Recovering, segment: Segment): Promise<void> {
  const { signal } = run.options;
  const { path: place } = await archiveWith(
    run.files,
    segment,
    run.ports,
    signal === undefined ? {} : { signal },
  );
  run.finished.push(place);
}

async function listUnlisted(run: Recovering, segments: readonly Segment[]): Promise<void> {
  const { files, ports } = run;
  const { layout } = ports;
  const known = await readManifest(files, layout);
  const unlisted: Segment[] = [];
  const turn = createEventLoopTurn();
  for (const segment of segments) {
    await turn();
    if (segment.state === "archived" && !known.archived.has(pathInTree(layout, segment.path)))
      unlisted.push(segment);
  }
  for (const [at, segment] of unlisted.entries()) {
    const progress = { step: "recover", file: segment.path, bytes: 0, bytesTotal: undefined } as const;
    run.options.onProgress?.({ ...progress, files: at, filesTotal: unlisted.length });
    await attempt(run, segment.path, () => list(run, segment));
  }
}

/** @returns the damaged lines that were taken out. */
async function tidyManifest(files: ArchiveFiles, layout: TreeLayout): Promise<number> {
  const manifest = await readManifest(files, layout);
  await compactManifest(files, layout, manifest);
  return manifest.damagedLines;
}

async function list(run: Recovering, segment: Segment): Promise<void> {
  const { files, ports, options } = run;
  const { layout, clock = systemClock } = ports;
  const fd = await files.open(segment.path, readFlags);
  try {
    const { size } = await files.stat(fd);
    const { packed, plain, span } = await readPacked(files, {
      fd,
      length: size,
      signal: options.signal,
      onBytes: undefined,
    });
    await appendToManifest(files, layout, [
      {
        event: "archived",
        atMs: clock.now(),
        path: pathInTree(layout, segment.path),
        source: undefined,
        bytes: packed.bytes,
        sha256: packed.sha256,
        plainBytes: plain.bytes,
        plainSha256: plain.sha256,
        ...span,
      },
    ]);
    run.listed.push(segment.path);
  } finally {
    await files.close(fd);
  }
}

/** One bad file must not keep the others from being put right. */
async function attempt(run: Recovering, file: string, work: () => Promise<void>): Promise<void> {
  run.options.signal?.throwIfAborted();
  try {
    await work();
  } catch (error) {
    run.options.signal?.throwIfAborted();
    const code =
      isWaybillError(error) || (error instanceof Error && "code" in error) ? String(error.code) : "unknown";
    run.problems.push({ file, code, message: error instanceof Error ? error.message : String(error) });
  }
}
