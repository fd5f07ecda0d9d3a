import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import {
  encodePathPart,
  encodePathPartFolded,
  isLogFile,
  listSegments,
  type Segment,
} from "@waybill/log-tree";
import { hasCode } from "../files/archive-files.ts";
import type { BundleProblem } from "./bundle-manifest.ts";
import { type MemberSource, readRange } from "./member-source.ts";

/** A segment is sealed, compressed or archived at most once each while a bundle is made. */
const passesMax = 4;
const tailBytes = 65_536;
const newline = 0x0a;
const readFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * The segments of a container as they stand: live, sealed and archived. Of an active one, what is complete now.
 *
 * A segment that is renamed, compressed or archived between listing and opening is looked for again; entries are taken
 * neither twice nor not at all.
 *
 * @param root - absolute. @param pathOf - of a file, in the bundle.
 */
export async function* readWholeSegments(
  root: string,
  container: string,
  pathOf: (file: string) => string,
  onProblem: (problem: BundleProblem) => void,
): AsyncGenerator<MemberSource, void, undefined> {
  const taken = createTaken();
  const missed: Missed[] = [];
  let streams: ReadonlySet<string> | undefined;
  for (let pass = 1; pass <= passesMax && streams?.size !== 0; pass += 1) {
    const { segments } = await listSegments(root, { kinds: ["container"] });
    const lost = new Set<string>();
    const newest = newestNumbers(segments);
    for (const segment of segments) {
      if (!isOf(segment, container) || !isLogFile(segment) || segment.shadowed) continue;
      if (taken.has(segment) || streams?.has(segment.stream) === false) continue;
      const handle = await openListed(segment);
      if (handle === undefined) {
        lost.add(segment.stream);
        missed.push({ segment, newestNumber: newest.get(segment.stream) ?? 0 });
        continue;
      }
      try {
        yield await sourceOf(handle, segment, pathOf(segment.path));
        taken.add(segment, newest.get(segment.stream) ?? 0);
      } finally {
        await handle.close();
      }
    }
    streams = lost;
  }
  for (const path of new Set(missed.filter(taken.lacks).map(({ segment }) => pathOf(segment.path))))
    onProblem({ path, code: "vanished", message: "it was deleted before it could be read" });
}

/** A segment that did not stand where it was listed, and the highest number that was sealed then. */
interface Missed {
  readonly segment: Segment;
  readonly newestNumber: number;
}

/** The highest number that is sealed, by stream. */
function newestNumbers(segments: readonly Segment[]): ReadonlyMap<string, number> {
  const newest = new Map<string, number>();
  for (const { stream, name } of segments)
    newest.set(stream, Math.max(newest.get(stream) ?? 0, name.seal?.number ?? 0));
  return newest;
}

function isOf({ container, stream }: Segment, id: string): boolean {
  const directory = stream.split("/")[1];
  // A long id is not in its path, its hash is.
  return container === id || directory === encodePathPart(id) || directory === encodePathPartFolded(id);
}

/** Which segments are in the bundle, whatever their files are named by now. */
function createTaken() {
  const sealed = new Map<string, Set<number>>();
  /** Of streams whose active segment was taken: the highest number that was sealed then. */
  const active = new Map<string, number>();
  return {
    has({ stream, name }: Segment): boolean {
      const last = active.get(stream);
      if (name.seal === undefined) return last !== undefined;
      // What was active when it was taken is sealed by now.
      return (
        sealed.get(stream)?.has(name.seal.number) === true || (last !== undefined && name.seal.number > last)
      );
    },
    add({ stream, name }: Segment, newestNumber: number): void {
      if (name.seal === undefined) active.set(stream, newestNumber);
      else sealed.set(stream, (sealed.get(stream) ?? new Set()).add(name.seal.number));
    },
    /** An active segment that was missed is there as one that was sealed since, or was begun anew. */
    lacks({ segment: { stream, name }, newestNumber }: Missed): boolean {
      const numbers = sealed.get(stream) ?? new Set();
      if (name.seal !== undefined) return !numbers.has(name.seal.number);
      return !active.has(stream) && ![...numbers].some((number) => number > newestNumber);
    },
  };
}

/** @returns undefined when the listed file no longer stands there. */
async function openListed(segment: Segment): Promise<FileHandle | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(segment.path, readFlags);
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR", "ELOOP")) return undefined;
    throw error;
  }
  const stats = await handle.stat({ bigint: true });
  const isListed = stats.ino === segment.inode && stats.dev === segment.device && stats.isFile();
  if (isListed && Number(stats.size) >= segment.bytes) return handle;
  await handle.close();
  return undefined;
}

async function sourceOf(handle: FileHandle, segment: Segment, path: string): Promise<MemberSource> {
  const stats = await handle.stat();
  if (segment.state === "active") stats.size = await completeLength(handle, stats.size);
  return { path, stats, entries: undefined, chunks: () => readRange(handle, stats.size) };
}

/** Bytes up to the end of the last complete line: a torn one belongs to a write that is not over. */
async function completeLength(handle: FileHandle, size: number): Promise<number> {
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - tailBytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(end - start), 0, end - start, start);
    const at = buffer.subarray(0, bytesRead).lastIndexOf(newline);
    if (at >= 0) return start + at + 1;
    end = start;
  }
  return 0;
}
