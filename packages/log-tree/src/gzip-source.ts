import { type ByteSource, DamageError } from "./byte-source.ts";
import type { PooledFile } from "./descriptor-pool.ts";
import { createInflater } from "./inflater.ts";

/**
 * Compressed bytes handed over at once. Small, since a piece may grow a thousandfold and all of its output is held.
 * The later sizes are for the piece with the damage: zlib throws away what it made of that one, so it is fed again in
 * smaller pieces, to lose less than a line.
 */
const pieceSizes = [16 * 1024, 256, 1] as const;

/** A gzip file of one or more members, uncompressed as it is pulled. Of a damaged one, what stands before the damage. */
export function createGzipSource(file: PooledFile): ByteSource {
  const { size } = file.stat;
  let inflater = createInflater();
  let position = 0;
  /** Uncompressed bytes that were given, and those to pass over after a new start. */
  let given = 0;
  let skip = 0;
  /** Index of `pieceSizes`, and from where on it holds; before that the largest is used. */
  let fineness = 0;
  let fineFrom = 0;
  let lastPieceFrom = 0;

  const feed = async (): Promise<void> => {
    const isFine = position >= fineFrom;
    const length = Math.min(pieceSizes[isFine ? fineness : 0] ?? 1, isFine ? size : fineFrom - position);
    const compressed = Buffer.allocUnsafe(length);
    const read = file.read(compressed, position);
    lastPieceFrom = position;
    position += read;
    await inflater.feed(compressed.subarray(0, read));
  };
  const startAgainFiner = (): void => {
    inflater.close();
    inflater = createInflater();
    fineness += 1;
    fineFrom = lastPieceFrom;
    position = 0;
    skip = given;
  };
  /** The next output that was not given yet; undefined at the end. */
  const nextOutput = async (): Promise<Buffer | undefined> => {
    for (;;) {
      const output = inflater.outputs.shift();
      if (output !== undefined) {
        const passed = Math.min(skip, output.length);
        skip -= passed;
        if (passed < output.length) return output.subarray(passed);
      } else if (inflater.failure()?.code === "gzip_corrupt" && fineness < pieceSizes.length - 1) {
        startAgainFiner();
      } else if (inflater.isDone()) {
        return undefined;
      } else {
        await feed();
      }
    }
  };
  return {
    async pull(space) {
      if (size === 0) throw new DamageError("gzip_cut", "the compressed file is empty");
      const output = await nextOutput();
      if (output === undefined) {
        const failure = inflater.failure() ?? trailingBytes(size - inflater.consumed());
        if (failure !== undefined) throw failure;
        return 0;
      }
      const length = output.copy(space);
      if (length < output.length) inflater.outputs.unshift(output.subarray(length));
      given += length;
      return length;
    },
    close() {
      inflater.close();
      file.close();
    },
  };
}

function trailingBytes(count: number): DamageError | undefined {
  if (count <= 0) return undefined;
  return new DamageError("gzip_corrupt", `${count} bytes after the end of the compressed data`);
}
