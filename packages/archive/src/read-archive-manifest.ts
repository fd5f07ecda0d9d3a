import * as path from "node:path";
import { readManifest } from "./archive-manifest.ts";
import type { ArchivePorts } from "./archive-ports.ts";
import { archiveFilesOf } from "./files/archive-files.ts";

/** What the manifest says of an archived file. */
export interface ArchivedFile {
  /** Absolute. */
  readonly path: string;
  /** Milliseconds since the epoch. */
  readonly archivedMs: number;
  /** On disk. */
  readonly bytes: number;
  /** Of the file on disk, 64 hex digits. */
  readonly sha256: string;
  /** Uncompressed. */
  readonly plainBytes: number;
  /** Times of the entries, milliseconds since the epoch, by the first and the last line; undefined when unknown. */
  readonly firstMs: number | undefined;
  readonly lastMs: number | undefined;
}

/**
 * The archived files that the manifest lists, those deleted by policy left out: their ages, without opening them. What
 * it does not list may still be there; `recoverArchive` lists it.
 *
 * @throws the error of the file system, as a rejection.
 */
export async function readArchiveManifest(ports: ArchivePorts): Promise<ReadonlyMap<string, ArchivedFile>> {
  const { layout, fileSystem } = ports;
  const { archived } = await readManifest(archiveFilesOf(fileSystem), layout);
  const entries = [...archived.values()].map((line): ArchivedFile => {
    const { atMs: archivedMs, bytes, sha256, plainBytes, firstMs, lastMs } = line;
    const file = path.join(layout.root, ...line.path.split("/"));
    return { path: file, archivedMs, bytes, sha256, plainBytes, firstMs, lastMs };
  });
  return new Map(entries.map((entry) => [entry.path, entry]));
}
