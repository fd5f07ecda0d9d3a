import type { Readable } from "node:stream";
import { crc32, createInflateRaw } from "node:zlib";
import { type Entry, openPromise, type ZipFile } from "yauzl";
import { refused } from "../archive-errors.ts";
import { chunkBytes } from "../files/chunks.ts";
import type { BundleMember } from "./read-members.ts";
import type { UnpackBudget } from "./unpack-budget.ts";

const formatMask = 0o170000;
const regularFile = 0o100000;
const directory = 0o040000;
const stored = 0;
const deflated = 8;

/** The members of a zip, by its central directory. Their names are those that yauzl does not refuse. */
export async function* readZip(
  bundle: string,
  budget: UnpackBudget,
): AsyncGenerator<BundleMember, void, undefined> {
  const zip = await openPromise(bundle, { lazyEntries: true, autoClose: false, strictFileNames: true });
  try {
    for await (const entry of zip.eachEntry()) {
      const { fileName: name, compressionMethod } = entry;
      if (entry.isEncrypted()) throw refused(bundle, "type", "a member is encrypted", { member: name });
      if (compressionMethod !== stored && compressionMethod !== deflated)
        throw refused(bundle, "type", `a member is compressed by method ${compressionMethod}`, {
          member: name,
        });
      yield { name, type: typeOf(entry), content: readContent(zip, entry, budget) };
    }
  } finally {
    zip.close();
  }
}

/** Zip files from Unix carry the mode of a file; those from elsewhere know files and directories only. */
function typeOf({ fileName, externalFileAttributes }: Entry): BundleMember["type"] {
  const mode = (externalFileAttributes >>> 16) & formatMask;
  if (mode !== 0 && mode !== regularFile && mode !== directory) return "other";
  return fileName.endsWith("/") || mode === directory ? "directory" : "file";
}

/**
 * The bytes of a member, held to the length and the CRC-32 that its header tells.
 *
 * Inflates by itself: the streams of yauzl 3.4 emit the error of a damaged member without being destroyed, so that a
 * reader waits for ever, or nobody listens and the process ends.
 */
async function* readContent(
  zip: ZipFile,
  entry: Entry,
  budget: UnpackBudget,
): AsyncGenerator<Buffer, void, undefined> {
  const { uncompressedSize, compressionMethod } = entry;
  const raw = await zip.openReadStreamPromise(entry, { decodeFileData: false });
  let bytes = 0;
  let checksum = 0;
  for await (const chunk of compressionMethod === deflated ? inflated(raw) : bytesOf(raw)) {
    bytes += chunk.length;
    budget.takeBytes(chunk.length);
    if (bytes > uncompressedSize)
      throw new Error(`a member has more than the ${uncompressedSize} bytes it tells`);
    checksum = crc32(chunk, checksum);
    yield chunk;
  }
  if (bytes !== uncompressedSize)
    throw new Error(`a member has ${bytes} of the ${uncompressedSize} bytes it tells`);
  if (checksum !== entry.crc32) throw new Error("a member does not have the CRC-32 it tells");
}

async function* inflated(raw: Readable): AsyncGenerator<Buffer, void, undefined> {
  const inflate = createInflateRaw({ chunkSize: chunkBytes });
  raw.once("error", (error) => inflate.destroy(error));
  raw.pipe(inflate);
  try {
    yield* bytesOf(inflate);
  } finally {
    raw.destroy();
    inflate.destroy();
  }
}

async function* bytesOf(stream: Readable): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of stream) if (Buffer.isBuffer(chunk)) yield chunk;
}
