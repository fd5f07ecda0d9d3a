import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { extract } from "tar-stream";
import { chunkBytes } from "../files/chunks.ts";
import { type BundleFormat, decompressorOf } from "./bundle-format.ts";
import { readZip } from "./read-zip.ts";
import type { UnpackBudget } from "./unpack-budget.ts";

/** One member of a bundle, as it claims to be: nothing of it was checked. */
export interface BundleMember {
  readonly name: string;
  readonly type: "file" | "directory" | "other";
  /** Its bytes. Read them to the end, or leave them: the next member follows in both cases. */
  readonly content: AsyncIterable<Buffer>;
}

/**
 * Reads the members of a bundle one after the other, in constant memory. Bytes are taken from the budget as they come
 * out, not as headers promise them.
 *
 * @throws what the reader of the format throws for damaged bytes.
 */
export function readMembers(
  bundle: string,
  format: BundleFormat,
  budget: UnpackBudget,
): AsyncGenerator<BundleMember, void, undefined> {
  return format === "zip" ? readZip(bundle, budget) : readTar(bundle, format, budget);
}

async function* readTar(
  bundle: string,
  format: Exclude<BundleFormat, "zip">,
  budget: UnpackBudget,
): AsyncGenerator<BundleMember, void, undefined> {
  // Its own limit of 4 MiB holds for headers of any length.
  const members = extract();
  const unpacking = pipeline(
    createReadStream(bundle, { highWaterMark: chunkBytes }),
    decompressorOf(format, chunkBytes),
    (chunks: AsyncIterable<Buffer>) => counted(chunks, budget),
    members,
  );
  // The iteration throws it too, or ends before it; unhandled it would end the process.
  const failure = unpacking.then(
    () => undefined,
    (error: unknown) => error,
  );
  try {
    for await (const member of members) {
      const { name, type } = member.header;
      const isKnown = type === "file" || type === "directory";
      yield { name, type: isKnown ? type : "other", content: bytesOf(member) };
      // What nobody has read.
      member.resume();
    }
  } catch (error) {
    throw (await failure) ?? error;
  } finally {
    members.destroy();
  }
  const error = await failure;
  if (error !== undefined) throw error;
}

/** The types of tar-stream do not say what it gives. */
async function* bytesOf(chunks: AsyncIterable<unknown>): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of chunks) if (Buffer.isBuffer(chunk)) yield chunk;
}

async function* counted(
  chunks: AsyncIterable<Buffer>,
  budget: UnpackBudget,
): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of chunks) {
    budget.takeBytes(chunk.length);
    yield chunk;
  }
}
