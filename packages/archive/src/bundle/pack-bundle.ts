import { once } from "node:events";
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Archiver, TarArchive, ZipArchive } from "archiver";
import { fileMode } from "../files/archive-files.ts";
import { createDigest } from "../files/digest.ts";
import { type BundleFormat, compressorsOf } from "./bundle-format.ts";
import type { BundledFile } from "./bundle-manifest.ts";
import { bundleManifestName } from "./member-name.ts";
import type { MemberSource } from "./member-source.ts";

/** How to pack a bundle. */
export interface PackOptions {
  readonly format: BundleFormat;
  /** Level of gzip or deflate, 1 to 9. */
  readonly level: number;
  readonly signal: AbortSignal | undefined;
  /** The text of the manifest, when all files are in. */
  readonly manifestOf: (files: readonly BundledFile[]) => string;
  /** Told of every piece: path, and bytes of all files so far. */
  readonly onBytes: (path: string, bytes: number) => void;
}

/**
 * Packs files and, as the last one, their manifest.
 *
 * Resolves when the output has taken everything and is closed. That is not what `finalize()` of `archiver` 8 tells:
 * it resolves though the output failed with ENOSPC, and it takes no notice of a source that fails.
 *
 * @throws what a source, the output or the packing throws.
 */
export async function packBundle(
  members: AsyncIterable<MemberSource>,
  output: Writable,
  options: PackOptions,
): Promise<readonly BundledFile[]> {
  const archive = createArchive(options);
  const written = pipeline(
    [archive, ...compressorsOf(options.format), output],
    options.signal === undefined ? {} : { signal: options.signal },
  );
  // It is awaited with each file and at the end; a failure between must not end the process.
  written.catch(() => undefined);
  const files: BundledFile[] = [];
  let bytes = 0;
  try {
    for await (const member of members) {
      const onChunk = (length: number): void => {
        bytes += length;
        options.onBytes(member.path, bytes);
      };
      files.push(await appendMember(archive, member, written, onChunk));
    }
    const manifest = Buffer.from(options.manifestOf(files));
    await appended(archive, written, () =>
      archive.append(manifest, { name: bundleManifestName, mode: fileMode }),
    );
    await archive.finalize();
  } catch (error) {
    archive.destroy(error instanceof Error ? error : new Error(String(error)));
    await closed(output);
    throw error;
  }
  await written;
  return files;
}

/** A pipeline that fails does not wait for this, and the file can be removed only then. */
async function closed(output: Writable): Promise<void> {
  output.destroy();
  if (!output.closed) await new Promise((resolve) => output.once("close", resolve));
}

function createArchive({ format, level }: PackOptions): Archiver {
  const archive =
    format === "zip"
      ? new ZipArchive({ zlib: { level } })
      : new TarArchive({ gzip: format === "tar.gz", gzipOptions: { level } });
  archive.on("warning", (error) => archive.destroy(error));
  return archive;
}

async function appendMember(
  archive: Archiver,
  member: MemberSource,
  written: Promise<void>,
  onChunk: (bytes: number) => void,
): Promise<BundledFile> {
  const { path, stats, entries } = member;
  const digest = createDigest();
  const tapped = async function* (): AsyncGenerator<Buffer, void, undefined> {
    let missing = stats.size;
    for await (const chunk of member.chunks()) {
      digest.update(chunk);
      onChunk(chunk.length);
      missing -= chunk.length;
      yield chunk;
    }
    // Told here, since tar-stream tells of it by an error that nobody can listen to, which would end the process.
    if (missing !== 0) throw new Error(`${path} has ${stats.size - missing} bytes, not ${stats.size}`);
  };
  const source = Readable.from(tapped(), { objectMode: false });
  source.once("error", (error) => archive.destroy(error));
  try {
    await appended(archive, written, () =>
      // Without `stats` the tar of archiver keeps the whole file in memory to learn its size.
      archive.append(source, { name: path, stats, date: stats.mtime, mode: fileMode }),
    );
  } finally {
    source.destroy();
  }
  const { bytes, sha256 } = digest.end();
  return { path, bytes, sha256, entries };
}

/** Resolves when what was appended is in the archive; rejects when the packing ends before. */
async function appended(archive: Archiver, written: Promise<void>, append: () => void): Promise<void> {
  const entered = once(archive, "entry");
  entered.catch(() => undefined);
  append();
  await Promise.race([entered, written]);
}
