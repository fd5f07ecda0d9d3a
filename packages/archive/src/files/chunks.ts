import type { ArchiveFiles } from "./archive-files.ts";

/** Bytes per read and per output of zlib: large enough that most of the time is spent in the thread pool. */
export const chunkBytes = 262_144;

/** What is read of a file. */
export interface ChunkRange {
  /** Bytes, from the start of the file. */
  readonly length: number;
  /** Told of every read: bytes so far. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/**
 * Reads exactly `length` bytes of an open file from its start, whatever is added to it meanwhile.
 *
 * @throws {Error} when the file ends before.
 */
export async function* readChunks(
  files: ArchiveFiles,
  fd: number,
  { length, onBytes }: ChunkRange,
): AsyncGenerator<Buffer, void, undefined> {
  for (let position = 0; position < length; ) {
    const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, length - position));
    const bytes = await files.read(fd, chunk, 0, chunk.length, position);
    if (bytes === 0) throw new Error(`the file ended at ${position} of ${length} bytes`);
    position += bytes;
    onBytes?.(position);
    yield chunk.subarray(0, bytes);
  }
}

/** Writes all of a buffer at the end of a file opened with `O_APPEND`. */
export async function writeFully(files: ArchiveFiles, fd: number, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.length; ) {
    offset += await files.write(fd, bytes, offset, bytes.length - offset);
  }
}
