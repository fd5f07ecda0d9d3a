import type { Stats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { chunkBytes } from "../files/chunks.ts";

/** A file on its way into a bundle. Its bytes can be read until the next one is asked for. */
export interface MemberSource {
  /** In the bundle, with `/`. */
  readonly path: string;
  /** With the length that goes into the bundle as its size. */
  readonly stats: Stats;
  /** Entries in it, where they were counted. */
  readonly entries: number | undefined;
  /** Exactly `stats.size` bytes. */
  chunks(): AsyncIterable<Buffer>;
}

/**
 * Exactly so many bytes from the start of a file, whatever is added to it meanwhile.
 *
 * @throws {Error} when it is shorter.
 */
export async function* readRange(
  handle: FileHandle,
  length: number,
): AsyncGenerator<Buffer, void, undefined> {
  for (let position = 0; position < length; ) {
    const space = Buffer.allocUnsafe(Math.min(chunkBytes, length - position));
    const { bytesRead } = await handle.read(space, 0, space.length, position);
    if (bytesRead === 0) throw new Error(`the file shrank to ${position} of ${length} bytes`);
    position += bytesRead;
    yield space.subarray(0, bytesRead);
  }
}
