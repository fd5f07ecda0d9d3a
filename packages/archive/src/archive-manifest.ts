import { randomBytes } from "node:crypto";
import * as path from "node:path";
import type { TreeLayout } from "@waybill/log-tree";
import { type ArchiveFiles, appendFlags, createFlags, readFlags } from "./files/archive-files.ts";
import { readChunks, writeFully } from "./files/chunks.ts";
import { makeDirectories } from "./files/make-directories.ts";
import {
  type ArchivedLine,
  formatManifestLine,
  type ManifestLine,
  parseManifestLine,
} from "./manifest-line.ts";

/** Smaller manifests are not worth shortening, bytes. */
const compactBytesMin = 1_048_576;
/** Some 100 KiB. */
const linesPerWrite = 200;
const newline = 0x0a;

/** What the manifest says, the newest line of each file. */
export interface ArchiveManifest {
  /** By path from the root. */
  readonly archived: ReadonlyMap<string, ArchivedLine>;
  /** Files that were deleted by policy since they were archived. */
  readonly removed: ReadonlySet<string>;
  /** Lines that were passed over, because they are torn or damaged. */
  readonly damagedLines: number;
  /** All lines. */
  readonly lines: number;
  /** Of the file. */
  readonly bytes: number;
}

/** Names of what a crash leaves of a rewriting. */
export const manifestPartPattern = /^archive\.ndjson\.[0-9a-f]{12}\.part$/;

/** `.waybill/manifests/archive.ndjson` */
export function manifestFileOf(layout: TreeLayout): string {
  return path.join(layout.manifests, "archive.ndjson");
}

/** Adds lines, durable when it resolves. Whatever a crash has left half-written before them stays a line of its own. */
export async function appendToManifest(
  files: ArchiveFiles,
  layout: TreeLayout,
  lines: readonly ManifestLine[],
): Promise<void> {
  const fd = await openToAppend(files, layout);
  try {
    const separator = (await endsInLine(files, fd)) ? "" : "\n";
    const text = lines.map((line) => `${formatManifestLine(line)}\n`).join("");
    await writeFully(files, fd, Buffer.from(separator + text));
    await files.sync(fd);
  } finally {
    await files.close(fd);
  }
}

/**
 * Makes sure that lines can be added, before there is something to note: a copy that cannot be noted takes room beside
 * its source. @throws the error of the file system.
 */
export async function prepareManifest(files: ArchiveFiles, layout: TreeLayout): Promise<void> {
  await files.close(await openToAppend(files, layout));
}

async function openToAppend(files: ArchiveFiles, layout: TreeLayout): Promise<number> {
  const file = manifestFileOf(layout);
  if ((await files.lstat(file)) !== undefined) return await files.open(file, appendFlags);
  await makeDirectories(files, layout.root, layout.manifests);
  await files.close(await files.open(file, appendFlags));
  await files.syncDirectory(layout.manifests);
  return await files.open(file, appendFlags);
}

async function endsInLine(files: ArchiveFiles, fd: number): Promise<boolean> {
  const { size } = await files.stat(fd);
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  await files.read(fd, last, 0, 1, size - 1);
  return last[0] === newline;
}

/** Reads the manifest; a missing one is empty. @throws what the file system throws. */
export async function readManifest(files: ArchiveFiles, layout: TreeLayout): Promise<ArchiveManifest> {
  const file = manifestFileOf(layout);
  const archived = new Map<string, ArchivedLine>();
  const removed = new Set<string>();
  const counts = { damagedLines: 0, lines: 0, bytes: 0 };
  if ((await files.lstat(file)) === undefined) return { archived, removed, ...counts };
  const fd = await files.open(file, readFlags);
  try {
    const { size } = await files.stat(fd);
    for await (const text of linesOf(readChunks(files, fd, { length: size }))) {
      counts.lines += 1;
      const line = parseManifestLine(text);
      if (line === undefined) counts.damagedLines += 1;
      else if (line.event === "removed") {
        archived.delete(line.path);
        removed.add(line.path);
      } else {
        archived.set(line.path, line);
        removed.delete(line.path);
      }
    }
    return { archived, removed, ...counts, bytes: size };
  } finally {
    await files.close(fd);
  }
}

/** The lines that are not empty; what is behind the last `\n` is one too, which its checksum will refuse if torn. */
async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string, void, undefined> {
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(newline) + 1;
    yield* bytes.toString("utf8", 0, end).split("\n").filter(Boolean);
    rest = bytes.subarray(end);
  }
  if (rest.length > 0) yield rest.toString("utf8");
}

/**
 * Rewrites a manifest that has damaged lines, or of which more than half are superseded, so that it does not grow for
 * ever: one line stays for each file that was not removed by policy.
 *
 * @returns whether it was rewritten.
 */
export async function compactManifest(
  files: ArchiveFiles,
  layout: TreeLayout,
  manifest: ArchiveManifest,
): Promise<boolean> {
  const hasGrown = manifest.bytes >= compactBytesMin && manifest.archived.size * 2 < manifest.lines;
  if (!hasGrown && manifest.damagedLines === 0) return false;
  const file = manifestFileOf(layout);
  const part = `${file}.${randomBytes(6).toString("hex")}.part`;
  const fd = await files.open(part, createFlags);
  try {
    const lines = [...manifest.archived.values()];
    for (let at = 0; at < lines.length; at += linesPerWrite) {
      const texts = lines.slice(at, at + linesPerWrite).map((line) => `${formatManifestLine(line)}\n`);
      await writeFully(files, fd, Buffer.from(texts.join("")));
    }
    await files.sync(fd);
  } finally {
    await files.close(fd);
  }
  await files.rename(part, file);
  await files.syncDirectory(layout.manifests);
  return true;
}
