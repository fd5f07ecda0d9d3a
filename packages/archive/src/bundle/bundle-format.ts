import type { Transform } from "node:stream";
import * as zlib from "node:zlib";
import { refused } from "../archive-errors.ts";

/** The kinds of bundles, by the ending of their names. */
export type BundleFormat = "tar.gz" | "tar.zst" | "zip";

const endings: readonly (readonly [string, BundleFormat])[] = [
  [".tar.gz", "tar.gz"],
  [".tgz", "tar.gz"],
  [".tar.zst", "tar.zst"],
  [".zip", "zip"],
];

/**
 * The format that a file name asks for.
 *
 * @throws {WaybillError} `WAYBILL_ARCHIVE_REFUSED` for any other ending, and for `.tar.zst` where Node has no zstd.
 */
export function bundleFormatOf(file: string): BundleFormat {
  const [, format] = endings.find(([ending]) => file.toLowerCase().endsWith(ending)) ?? [];
  if (format === undefined)
    throw refused(file, "format", "its name ends in none of .tar.gz, .tgz, .tar.zst, .zip");
  if (format === "tar.zst" && zstd() === undefined)
    throw refused(file, "format", `Node ${process.version} has no zstd (22.15 and 23.8 have): use .tar.gz`);
  return format;
}

interface Zstd {
  readonly createZstdCompress: () => Transform;
  readonly createZstdDecompress: () => Transform;
}

/** zstd of `node:zlib`, which the oldest supported Node does not have. */
function zstd(): Zstd | undefined {
  const createZstdCompress: unknown = Reflect.get(zlib, "createZstdCompress");
  const createZstdDecompress: unknown = Reflect.get(zlib, "createZstdDecompress");
  if (typeof createZstdCompress !== "function" || typeof createZstdDecompress !== "function")
    return undefined;
  return {
    createZstdCompress: createZstdCompress as Zstd["createZstdCompress"],
    createZstdDecompress: createZstdDecompress as Zstd["createZstdDecompress"],
  };
}

/** What compresses a tar of this format after it was made; nothing for gzip, which `archiver` does itself. */
export function compressorsOf(format: BundleFormat): Transform[] {
  const found = format === "tar.zst" ? zstd() : undefined;
  return found === undefined ? [] : [found.createZstdCompress()];
}

/** What unpacks a tar of this format. @param chunkSize - of its output, bytes. */
export function decompressorOf(format: Exclude<BundleFormat, "zip">, chunkSize: number): Transform {
  return (
    (format === "tar.zst" ? zstd()?.createZstdDecompress() : undefined) ?? zlib.createGunzip({ chunkSize })
  );
}
