import { type ByteSource, createPlainSource, DamageError } from "./byte-source.ts";
import { type DescriptorPool, FileVanishedError, type PooledFile } from "./descriptor-pool.ts";
import type { FileIdentity } from "./find-moved-file.ts";
import { createGzipSource } from "./gzip-source.ts";
import { createLineBuffer, type LineBatch, type LineBuffer, type LineBufferOptions } from "./line-buffer.ts";
import type { FileTally, ReadProblemCode } from "./read-report.ts";

/** The lines of one file, as byte ranges: parsing is a second step, for those that pass a filter of bytes. */
export interface LineReader {
  /**
   * The next lines, possibly none; undefined at the end. Never rejects: what is wrong with the file goes to the tally.
   * The batch before it must not be used any more.
   */
  next(): Promise<LineBatch | undefined>;
  /** Idempotent. Not needed at the end. */
  close(): void;
}

/** Which file to read. */
export interface LineReaderTarget {
  readonly path: string;
  readonly compressed: boolean;
  /** Undefined takes whatever stands at the path. */
  readonly identity: FileIdentity | undefined;
}

/** Reads one file; opens it at the first call of `next`. */
export function createLineReader(
  target: LineReaderTarget,
  pool: DescriptorPool,
  tally: FileTally,
  options: LineBufferOptions,
): LineReader {
  let source: ByteSource | undefined;
  let lines: LineBuffer | undefined;
  let ended = false;

  const end = (): void => {
    ended = true;
    source?.close();
    tally.oversizedLines = lines?.oversizedLines ?? 0;
    lines = undefined;
  };
  const pull = async (): Promise<LineBatch | undefined> => {
    source ??= openSource(target, pool);
    lines ??= createLineBuffer(options);
    const length = await source.pull(lines.space());
    if (length > 0) {
      tally.bytes += length;
      return lines.accept(length);
    }
    const torn = lines.tornBytes;
    tally.tornBytes = torn;
    if (torn > 0) {
      report(tally, target.path, "torn_tail", `the last ${torn} bytes have no line end`, tally.bytes - torn);
    }
    return undefined;
  };
  return {
    async next() {
      if (ended) return undefined;
      try {
        const batch = await pull();
        if (batch === undefined) end();
        return batch;
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        report(tally, target.path, codeOf(error), message, tally.bytes - (lines?.tornBytes ?? 0));
        end();
        return undefined;
      }
    },
    close() {
      if (!ended) end();
    },
  };
}

function openSource({ path, compressed, identity }: LineReaderTarget, pool: DescriptorPool): ByteSource {
  try {
    const file = pool.open(path, identity);
    return compressed ? createGzipSource(file) : createPlainSource(file);
  } catch (error) {
    // A sealed segment was compressed since it was listed.
    const replacement =
      compressed || !(error instanceof FileVanishedError) ? undefined : openCompressed(path, pool);
    if (replacement === undefined) throw error;
    return createGzipSource(replacement);
  }
}

function openCompressed(path: string, pool: DescriptorPool): PooledFile | undefined {
  try {
    return pool.open(`${path}.gz`);
  } catch {
    // The failure to report is that of the file that was asked for.
    return undefined;
  }
}

function codeOf(error: unknown): ReadProblemCode {
  if (error instanceof DamageError) return error.code;
  return error instanceof FileVanishedError ? "vanished" : "unreadable";
}

function report(
  tally: FileTally,
  file: string,
  code: ReadProblemCode,
  message: string,
  offset: number,
): void {
  tally.problems.push({ file, code, message, offset, count: 1 });
}
