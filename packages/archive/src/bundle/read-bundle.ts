import { stat } from "node:fs/promises";
import { isWaybillError } from "@waybill/protocols";
import { refused } from "../archive-errors.ts";
import { createDigest, type Digest } from "../files/digest.ts";
import type { VerifyProblem } from "../verification.ts";
import type { BundleFormat } from "./bundle-format.ts";
import { type BundleManifest, parseBundleManifest } from "./bundle-manifest.ts";
import { bundleManifestName, foldedName, isHarmlessDirectory, memberPathOf } from "./member-name.ts";
import { type BundleMember, readMembers } from "./read-members.ts";
import { createUnpackBudget, type UnpackLimits } from "./unpack-budget.ts";

/** Takes the bytes of one member. */
export interface MemberSink {
  write(chunk: Buffer): Promise<void> | void;
  end(): Promise<void> | void;
  /** In the place of `end`, when the reading failed. */
  cancel?(): Promise<void>;
}

/** How to read a bundle. */
export interface ReadBundleOptions {
  readonly format: BundleFormat;
  readonly limits: UnpackLimits;
  readonly signal: AbortSignal | undefined;
  /** Where the bytes of a file go, by its path. */
  readonly sinkOf: (path: string) => Promise<MemberSink> | MemberSink;
  /** Told of every piece: path, and bytes of all members so far. */
  readonly onBytes?: (path: string, bytes: number) => void;
}

/** What a bundle holds. */
export interface BundleContent {
  readonly manifest: BundleManifest;
  /** What was found, by path; without the manifest. */
  readonly found: ReadonlyMap<string, Digest>;
}

const manifestBytesMax = 67_108_864;

/**
 * Reads all of a bundle and refuses whatever could do harm: names outside the format of a log tree, links, devices,
 * two members of one name, more bytes than the limits allow.
 *
 * @throws {WaybillError} `WAYBILL_ARCHIVE_REFUSED`. @throws the error of the file system.
 */
export async function readBundle(bundle: string, options: ReadBundleOptions): Promise<BundleContent> {
  const { format, limits, signal } = options;
  const { size } = await stat(bundle);
  const budget = createUnpackBudget(bundle, size, limits);
  const found = new Map<string, Digest>();
  const names = new Set<string>();
  const manifestText = createTextSink(bundle);
  let bytes = 0;
  try {
    for await (const member of readMembers(bundle, format, budget)) {
      signal?.throwIfAborted();
      budget.takeMember();
      const path = pathOf(bundle, member);
      if (path === undefined) continue;
      if (names.has(foldedName(path)))
        throw refused(bundle, "duplicate", `two members are named ${JSON.stringify(path)}`, { member: path });
      names.add(foldedName(path));
      const isManifest = path === bundleManifestName;
      const sink = isManifest ? manifestText : await options.sinkOf(path);
      const digest = await drain(member, sink, (chunk) => {
        signal?.throwIfAborted();
        bytes += chunk.length;
        options.onBytes?.(path, bytes);
      });
      if (!isManifest) found.set(path, digest);
    }
  } catch (error) {
    throw asRefusal(bundle, error, signal);
  }
  if (!names.has(bundleManifestName)) throw refused(bundle, "manifest", "it has no manifest.json");
  const manifest = parseBundleManifest(manifestText.text());
  if (typeof manifest === "string") throw refused(bundle, "manifest", manifest);
  return { manifest, found };
}

/** @returns undefined for a directory, which is passed over. */
function pathOf(bundle: string, { name, type }: BundleMember): string | undefined {
  const path = type === "directory" ? undefined : memberPathOf(name);
  const member = name.slice(0, 200);
  if (type === "other")
    throw refused(bundle, "type", `${JSON.stringify(member)} is no plain file`, { member });
  if (type === "directory" ? !isHarmlessDirectory(name) : path === undefined)
    throw refused(bundle, "name", `${JSON.stringify(member)} is no name in a log tree`, { member });
  return path;
}

async function drain(
  { content }: BundleMember,
  sink: MemberSink,
  onChunk: (chunk: Buffer) => void,
): Promise<Digest> {
  const digest = createDigest();
  try {
    for await (const chunk of content) {
      digest.update(chunk);
      onChunk(chunk);
      await sink.write(chunk);
    }
  } catch (error) {
    await sink.cancel?.();
    throw error;
  }
  await sink.end();
  return digest.end();
}

function createTextSink(bundle: string): MemberSink & { text(): string } {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return {
    write(chunk) {
      bytes += chunk.length;
      if (bytes > manifestBytesMax)
        throw refused(bundle, "limit", `its manifest has more than ${manifestBytesMax} bytes`);
      chunks.push(Buffer.from(chunk));
    },
    end: () => undefined,
    text: () => Buffer.concat(chunks).toString("utf8"),
  };
}

/** Errors of the operating system stay what they are; all others are those of the readers, about the bytes. */
function asRefusal(bundle: string, error: unknown, signal: AbortSignal | undefined): unknown {
  signal?.throwIfAborted();
  if (isWaybillError(error)) return error;
  const isSystemError = error instanceof Error && "syscall" in error;
  if (isSystemError) return error;
  const why = error instanceof Error ? error.message : String(error);
  const reason = /relative path|absolute path|characters in fileName/i.test(why) ? "name" : "damaged";
  return refused(bundle, reason, why, { cause: error });
}

/** Compares what a bundle holds with what its manifest lists. */
export function compareWithManifest({ manifest, found }: BundleContent): readonly VerifyProblem[] {
  const problems: VerifyProblem[] = [];
  const listed = new Set(manifest.files.map((file) => file.path));
  for (const { path, bytes, sha256 } of manifest.files) {
    const digest = found.get(path);
    if (digest === undefined) {
      problems.push({ path, code: "missing", message: "the manifest lists it" });
    } else if (digest.sha256 !== sha256 || digest.bytes !== bytes) {
      const message = `SHA-256 ${digest.sha256} of ${digest.bytes} bytes, not ${sha256} of ${bytes}`;
      problems.push({ path, code: "changed", message });
    }
  }
  for (const path of found.keys())
    if (!listed.has(path))
      problems.push({ path, code: "unlisted", message: "the manifest does not list it" });
  return problems;
}
