import { once } from "node:events";
import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { isWaybillError } from "@waybill/protocols";
import { bundleFormatOf } from "./bundle/bundle-format.ts";
import { createEntryCounter, type EntryCount } from "./bundle/count-entries.ts";
import { markerName } from "./bundle/member-name.ts";
import {
  type BundleContent,
  compareWithManifest,
  type MemberSink,
  readBundle,
} from "./bundle/read-bundle.ts";
import { createUnpackBudget, type UnpackLimits } from "./bundle/unpack-budget.ts";
import { chunkBytes } from "./files/chunks.ts";
import type { LongCallOptions } from "./progress.ts";
import { type ArchiveVerification, createVerification, type GrowingVerification } from "./verification.ts";

/** Options of {@link verifyBundle}. */
export interface VerifyBundleOptions extends LongCallOptions {
  readonly deep: boolean;
  readonly limits: UnpackLimits;
}

/** Reads a bundle to its end, without writing anything, and compares it with its manifest. */
export async function verifyBundle(
  bundle: string,
  { deep, limits, signal, onProgress }: VerifyBundleOptions,
): Promise<ArchiveVerification> {
  const format = bundleFormatOf(bundle);
  const verification = createVerification("bundle", deep);
  const counts = new Map<string, EntryCount>();
  try {
    const content = await readBundle(bundle, {
      format,
      limits,
      signal,
      sinkOf: (path) =>
        deep && path !== markerName ? createCountingSink(path, limits, counts, verification) : nowhere,
      onBytes: (file, bytes) =>
        onProgress?.({ step: "verify", file, bytes, bytesTotal: undefined, files: 0, filesTotal: undefined }),
    });
    addFiles(content, counts, verification);
  } catch (error) {
    if (!isWaybillError(error, "WAYBILL_ARCHIVE_REFUSED")) throw error;
    verification.addProblem({ path: bundle, code: "refused", message: error.message });
  }
  return verification.end();
}

const nowhere: MemberSink = { write: () => undefined, end: () => undefined };

function addFiles(
  content: BundleContent,
  counts: ReadonlyMap<string, EntryCount>,
  verification: GrowingVerification,
): void {
  for (const [path, { bytes }] of content.found) {
    const count = counts.get(path);
    verification.addFile(bytes, count?.entries ?? 0);
    if (count !== undefined && count.invalidLines > 0)
      verification.addProblem({
        path,
        code: "invalid_lines",
        message: `${count.invalidLines} lines are no entries`,
      });
  }
  for (const problem of compareWithManifest(content)) verification.addProblem(problem);
}

/** Parses the lines of a member, which it unpacks if it is compressed itself. */
function createCountingSink(
  path: string,
  limits: UnpackLimits,
  counts: Map<string, EntryCount>,
  verification: GrowingVerification,
): MemberSink {
  const counter = createEntryCounter();
  const note = (): void => {
    counts.set(path, counter.count());
  };
  if (!path.endsWith(".gz")) return { write: (chunk) => counter.update(chunk), end: note };
  const packed = new PassThrough();
  let packedBytes = 0;
  let failure: unknown;
  const count = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
    let bytes = 0;
    for await (const chunk of chunks) {
      bytes += chunk.length;
      // A bomb within: anew for each piece, as more of the member may have come meanwhile.
      createUnpackBudget(path, packedBytes, limits).takeBytes(bytes);
      counter.update(chunk);
    }
  };
  const counting = pipeline(
    packed,
    createGunzip({ chunkSize: chunkBytes }),
    (chunks: AsyncIterable<Buffer>) =>
      // The pipeline may tell of the abort that the failure caused in its place.
      count(chunks).catch((error: unknown) => {
        failure = error;
      }),
  ).catch((error: unknown) => {
    failure ??= error;
  });
  return {
    async write(chunk) {
      packedBytes += chunk.length;
      if (failure === undefined && !packed.write(chunk))
        await Promise.race([once(packed, "drain"), counting]);
    },
    async end() {
      packed.end();
      await counting;
      note();
      if (failure !== undefined)
        verification.addProblem({
          path,
          code: "damaged",
          message: `it cannot be unpacked: ${String(failure)}`,
        });
    },
    async cancel() {
      packed.destroy();
      await counting;
    },
  };
}
