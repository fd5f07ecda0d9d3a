import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { createTreeLayout, listSegments, readTree, type Segment } from "@waybill/log-tree";
import type { FileSystem } from "@waybill/protocols";
import { type ArchiveManifest, manifestFileOf, readManifest } from "./archive-manifest.ts";
import { pathInTree } from "./archive-place.ts";
import { createEntryCounter, type EntryCount } from "./bundle/count-entries.ts";
import { type ArchiveFiles, archiveFilesOf, hasCode, readFlags } from "./files/archive-files.ts";
import { chunkBytes, readChunks } from "./files/chunks.ts";
import { createDigest, type Digest } from "./files/digest.ts";
import type { ArchivedLine } from "./manifest-line.ts";
import type { LongCallOptions } from "./progress.ts";
import { type ArchiveVerification, createVerification, type GrowingVerification } from "./verification.ts";

/** Options of {@link verifyTree}. */
export interface VerifyTreeOptions extends LongCallOptions {
  readonly deep: boolean;
  readonly fileSystem: FileSystem | undefined;
}

/** Compares the archived segments of a tree with its manifest. */
export async function verifyTree(root: string, options: VerifyTreeOptions): Promise<ArchiveVerification> {
  const { fileSystem, deep, signal, onProgress } = options;
  const port = fileSystem === undefined ? {} : { fileSystem };
  readTree(root, port);
  const layout = createTreeLayout(root);
  const files = archiveFilesOf(fileSystem);
  const manifest = await readManifest(files, layout);
  const { segments, problems } = await listSegments(layout.root, port);
  const archived = segments.filter(({ state }) => state === "archived");
  const verification = createVerification("tree", deep);
  for (const { path, message } of problems)
    verification.addProblem({ path: pathInTree(layout, path), code: "unreadable", message });
  const standing = new Set<string>();
  const unlisted: Unlisted[] = [];
  for (const [at, segment] of archived.entries()) {
    signal?.throwIfAborted();
    const path = pathInTree(layout, segment.path);
    standing.add(path);
    const progress = { step: "verify", file: segment.path, bytesTotal: segment.bytes } as const;
    await verifyFile(
      files,
      segment,
      { path, listed: manifest.archived.get(path), unlisted, verification, deep, signal },
      (bytes) => onProgress?.({ ...progress, bytes, files: at, filesTotal: archived.length }),
    );
  }
  const missing = [...manifest.archived.keys()].filter((path) => !standing.has(path));
  if (unlisted.length + missing.length > 0) {
    // Archived or deleted by policy since the manifest was read: it tells by now.
    const { archived: listed } = await readManifest(files, layout);
    for (const { path, digest } of unlisted) compare(path, digest, listed.get(path), verification);
    addMissing(missing, listed, verification);
  }
  if (manifest.damagedLines > 0) {
    const message = `${manifest.damagedLines} lines are torn or damaged`;
    verification.addProblem({
      path: pathInTree(layout, manifestFileOf(layout)),
      code: "manifest_damaged",
      message,
    });
  }
  return verification.end();
}

/** A file that the manifest did not have when the verification began. */
interface Unlisted {
  readonly path: string;
  readonly digest: Digest;
}

interface FileCheck {
  readonly path: string;
  readonly listed: ArchivedLine | undefined;
  readonly unlisted: Unlisted[];
  readonly verification: GrowingVerification;
  readonly deep: boolean;
  readonly signal: AbortSignal | undefined;
}

async function verifyFile(
  files: ArchiveFiles,
  segment: Segment,
  check: FileCheck,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const { path, listed, unlisted, verification, deep, signal } = check;
  try {
    const { digest, count } = await readArchived(files, segment, {
      path,
      verification,
      deep,
      signal,
      onBytes,
    });
    verification.addFile(digest.bytes, count.entries);
    if (count.invalidLines > 0)
      verification.addProblem({
        path,
        code: "invalid_lines",
        message: `${count.invalidLines} lines are no entries`,
      });
    if (listed !== undefined) compare(path, digest, listed, verification);
    // Of one whose source stands the archiving is not over; after a crash recovery ends it.
    else if (!segment.shadowed) unlisted.push({ path, digest });
  } catch (error) {
    signal?.throwIfAborted();
    // Deleted by policy between listing and reading: no problem, or it is told as missing the next time.
    if (hasCode(error, "ENOENT")) return;
    const message = error instanceof Error ? error.message : String(error);
    verification.addProblem({ path, code: "unreadable", message });
  }
}

function compare(
  path: string,
  { sha256, bytes }: Digest,
  listed: ArchivedLine | undefined,
  verification: GrowingVerification,
): void {
  if (listed === undefined) {
    verification.addProblem({ path, code: "unlisted", message: "the manifest does not have it" });
  } else if (listed.sha256 !== sha256) {
    const message = `SHA-256 ${sha256} of ${bytes} bytes, not ${listed.sha256} of ${listed.bytes}`;
    verification.addProblem({ path, code: "changed", message });
  }
}

interface Reading extends Omit<FileCheck, "listed" | "unlisted"> {
  readonly onBytes: (bytes: number) => void;
}

const noEntries: EntryCount = { entries: 0, invalidLines: 0, tornBytes: 0 };

/** Hashes a file, and unpacks and parses it when that is asked for. */
async function readArchived(
  files: ArchiveFiles,
  segment: Segment,
  { path, verification, deep, signal, onBytes }: Reading,
): Promise<{ digest: Digest; count: EntryCount }> {
  const fd = await files.open(segment.path, readFlags);
  try {
    const { size } = await files.stat(fd);
    const count = deep ? await countPacked(files, fd, size, { path, verification, signal }) : noEntries;
    const digest = createDigest();
    for await (const chunk of readChunks(files, fd, { length: size, onBytes })) {
      signal?.throwIfAborted();
      digest.update(chunk);
    }
    return { digest: digest.end(), count };
  } finally {
    await files.close(fd);
  }
}

async function countPacked(
  files: ArchiveFiles,
  fd: number,
  length: number,
  { path, verification, signal }: Pick<FileCheck, "path" | "verification" | "signal">,
): Promise<EntryCount> {
  const counter = createEntryCounter();
  try {
    await pipeline(
      () => readChunks(files, fd, { length }),
      createGunzip({ chunkSize: chunkBytes }),
      async (chunks: AsyncIterable<Buffer>) => {
        for await (const chunk of chunks) counter.update(chunk);
      },
      { signal: signal ?? new AbortController().signal },
    );
  } catch (error) {
    signal?.throwIfAborted();
    if (!hasCode(error, "Z_BUF_ERROR", "Z_DATA_ERROR")) throw error;
    verification.addProblem({ path, code: "damaged", message: `it cannot be unpacked: ${String(error)}` });
  }
  return counter.count();
}

function addMissing(
  missing: readonly string[],
  listed: ArchiveManifest["archived"],
  verification: GrowingVerification,
): void {
  for (const path of missing) {
    const line = listed.get(path);
    if (line === undefined) continue;
    const message = `it was archived with ${line.bytes} bytes, SHA-256 ${line.sha256}, and not deleted by policy`;
    verification.addProblem({ path, code: "missing", message });
  }
}
