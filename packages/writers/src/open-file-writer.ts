import type { Writer } from "@waybill/protocols";
import type { StreamOptions } from "./writer-options.ts";
import { createWriterPool, type WriterPool } from "./writer-pool.ts";

/** Where and how {@link openFileWriter} writes. */
export interface FileWriterOptions extends StreamOptions {
  /** Path of the active file, `<directory>/<component>.log`; directories are created. */
  readonly path: string;
}

let processPool: WriterPool | undefined;

/**
 * Opens a rotating JSON-lines file.
 *
 * All writers opened this way share one {@link WriterPool}, so the same path gives the same underlying writer. Nothing
 * touches the disk before the first entry.
 *
 * @throws {TypeError | RangeError} for a path or option that cannot be.
 * @throws {WaybillError} `WAYBILL_WRITER_CONFLICT` when the path is open with other options.
 */
export function openFileWriter(options: FileWriterOptions): Writer {
  const { path, ...streamOptions } = options;
  processPool ??= createWriterPool();
  return processPool.open(path, streamOptions);
}
