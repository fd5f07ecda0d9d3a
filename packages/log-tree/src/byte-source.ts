import type { PooledFile } from "./descriptor-pool.ts";

/** Bytes of a segment, uncompressed. */
export interface ByteSource {
  /**
   * Puts bytes into `space`.
   *
   * @returns how many; 0 at the end.
   * @throws what is wrong with the file, once all bytes before the damage were given.
   */
  pull(space: Buffer): number | Promise<number>;
  close(): void;
}

/** What is wrong with the bytes of a file; `code` is one of `ReadProblem`. */
export class DamageError extends Error {
  override readonly name = "DamageError";
  readonly code: "truncated" | "gzip_cut" | "gzip_corrupt";

  constructor(code: DamageError["code"], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/**
 * A plain file, up to its size when it was opened: what a busy writer adds meanwhile is for the next reading, or this
 * one would never end.
 */
export function createPlainSource(file: PooledFile): ByteSource {
  const { size } = file.stat;
  let position = 0;
  return {
    pull(space) {
      const length = Math.min(space.length, size - position);
      if (length === 0) return 0;
      const read = file.read(space.subarray(0, length), position);
      if (read === 0)
        throw new DamageError("truncated", `the file shrank from ${size} to ${position} bytes while read`);
      position += read;
      return read;
    },
    close: () => file.close(),
  };
}
