import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import type { EntryTimes } from "@waybill/log-tree";
import { createEntrySpanReader } from "./entry-span.ts";
import type { ArchiveFiles } from "./files/archive-files.ts";
import { chunkBytes, readChunks, writeFully } from "./files/chunks.ts";
import { createDigest, type Digest, type GrowingDigest } from "./files/digest.ts";

/** A file that is open, and how to follow what is done with it. */
export interface OpenFile {
  readonly fd: number;
  /** Bytes. */
  readonly length: number;
  readonly signal: AbortSignal | undefined;
  /** Told of every read: bytes so far. */
  readonly onBytes: ((bytes: number) => void) | undefined;
}

/** What a segment holds, uncompressed. */
export interface PlainContent {
  readonly plain: Digest;
  readonly span: EntryTimes;
}

/** What a compressed segment is, on disk and uncompressed. */
export interface PackedContent extends PlainContent {
  readonly packed: Digest;
}

type Chunks = AsyncIterable<Buffer>;

/** Packs a file into another one that is open for appending. @param level - of gzip, 1 to 9. */
export async function packInto(
  files: ArchiveFiles,
  source: OpenFile,
  targetFd: number,
  level: number,
): Promise<PlainContent> {
  const plain = createDigest();
  const span = createEntrySpanReader();
  await pipeline(
    () => readChunks(files, source.fd, source),
    (chunks: Chunks) => tap(chunks, plain, span),
    createGzip({ level, chunkSize: chunkBytes }),
    (packed: Chunks) => writeAll(files, targetFd, packed),
    { signal: signalOf(source) },
  );
  return { plain: plain.end(), span: span.end() };
}

/** Copies a file into another one that is open for appending. */
export async function copyInto(files: ArchiveFiles, source: OpenFile, targetFd: number): Promise<void> {
  for await (const chunk of readChunks(files, source.fd, source)) {
    source.signal?.throwIfAborted();
    await writeFully(files, targetFd, chunk);
  }
}

/**
 * Reads a compressed file back to its end.
 *
 * @throws {Error} of zlib when it is cut off or damaged.
 */
export async function readPacked(files: ArchiveFiles, file: OpenFile): Promise<PackedContent> {
  const packed = createDigest();
  const plain = createDigest();
  const span = createEntrySpanReader();
  const gunzip = createGunzip({ chunkSize: chunkBytes });
  await pipeline(
    () => readChunks(files, file.fd, file),
    (chunks: Chunks) => tap(chunks, packed),
    gunzip,
    (chunks: Chunks) => drain(tap(chunks, plain, span)),
    { signal: signalOf(file) },
  );
  const end = packed.end();
  // zlib stops in silence at bytes behind the last member that are no gzip.
  if (gunzip.bytesWritten !== end.bytes) throw trailing(end.bytes - gunzip.bytesWritten);
  return { packed: end, plain: plain.end(), span: span.end() };
}

/** Reads a plain file to its end. */
export async function readPlain(files: ArchiveFiles, file: OpenFile): Promise<PlainContent> {
  const plain = createDigest();
  const span = createEntrySpanReader();
  for await (const chunk of tap(readChunks(files, file.fd, file), plain, span)) {
    file.signal?.throwIfAborted();
    if (chunk.length === 0) break;
  }
  return { plain: plain.end(), span: span.end() };
}

async function* tap(
  chunks: Chunks,
  digest: GrowingDigest,
  span?: { update(chunk: Buffer): void },
): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of chunks) {
    digest.update(chunk);
    span?.update(chunk);
    yield chunk;
  }
}

async function writeAll(files: ArchiveFiles, fd: number, chunks: Chunks): Promise<void> {
  for await (const chunk of chunks) await writeFully(files, fd, chunk);
}

async function drain(chunks: Chunks): Promise<void> {
  for await (const chunk of chunks) if (chunk.length === 0) break;
}

/** As zlib tells of damage, which is what it is. */
function trailing(bytes: number): Error {
  return Object.assign(new Error(`${bytes} bytes behind the end of the compressed data`), {
    code: "Z_DATA_ERROR",
  });
}

/** `pipeline` wants a signal, not the absence of one. */
function signalOf({ signal }: OpenFile): AbortSignal {
  return signal ?? new AbortController().signal;
}
