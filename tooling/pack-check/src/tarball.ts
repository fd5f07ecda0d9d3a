import { gunzipSync } from "node:zlib";

const blockBytes = 512;

/**
 * Reads the files of a package tarball: ustar, every path under one top folder, as pnpm and npm pack it.
 *
 * @returns path without the top folder → text.
 */
export function unpack(tarball: Uint8Array): Map<string, string> {
  const bytes = gunzipSync(tarball);
  const text = (start: number, length: number): string => {
    const field = bytes.subarray(start, start + length);
    const end = field.indexOf(0);
    return field.subarray(0, end === -1 ? length : end).toString("utf8");
  };
  const files = new Map<string, string>();
  for (let at = 0; at + blockBytes <= bytes.length && bytes[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, 12).trim(), 8);
    const prefix = text(at + 345, 155);
    const path = `${prefix === "" ? "" : `${prefix}/`}${text(at, 100)}`;
    const type = String.fromCharCode(bytes[at + 156] ?? 0);
    if (type === "0" || type === "\0") {
      files.set(
        path.replace(/^[^/]+\//, ""),
        bytes.subarray(at + blockBytes, at + blockBytes + size).toString("utf8"),
      );
    }
    at += blockBytes + Math.ceil(size / blockBytes) * blockBytes;
  }
  return files;
}
