import { type FileHandle, open, rm } from "node:fs/promises";
import { isLogFile, listSegments, type ReadProblem, readEntries, type Segment } from "@waybill/log-tree";
import { fileMode } from "../files/archive-files.ts";
import { chunkBytes } from "../files/chunks.ts";
import type { BundleProblem } from "./bundle-manifest.ts";
import { type MemberSource, readRange } from "./member-source.ts";
import type { ResolvedSelection } from "./selection.ts";

/** A segment is sealed, compressed or archived at most once each while its stream is read. */
const passesMax = 4;

/** Where matching entries come from, and what is told of them. */
export interface MatchingOptions {
  /** Of the tree, absolute. */
  readonly root: string;
  readonly selection: ResolvedSelection;
  /** A path that is free, on the disk of the bundle: the matching lines of one stream wait there for their length. */
  readonly spool: string;
  /** Of a file, in the bundle. */
  readonly pathOf: (file: string) => string;
  readonly onProblem: (problem: BundleProblem) => void;
  readonly signal: AbortSignal | undefined;
  /** Told before each stream: streams done, streams in all. */
  readonly onStream: (stream: string, done: number, total: number) => void;
}

/**
 * The entries that match, from live, sealed and archived segments, as they stand on disk: one file per stream, named
 * as its active segment, in the order of the stream. Streams without any are left out.
 *
 * A stream of which a segment was renamed, compressed or archived between listing and reading is listed and read anew.
 */
export async function* readMatchingEntries(
  options: MatchingOptions,
): AsyncGenerator<MemberSource, void, undefined> {
  const { root, selection, spool, signal } = options;
  const streams = await streamsOf(root, selection);
  let current = streams;
  const handle = await open(spool, "wx+", fileMode);
  try {
    let done = 0;
    for (const [stream, listed] of streams) {
      signal?.throwIfAborted();
      options.onStream(stream, done, streams.size);
      let segments = current.get(stream) ?? [];
      let spooled = await spoolMatching(handle, segments, options);
      for (let pass = 2; pass <= passesMax && spooled.problems.some(isVanished); pass += 1) {
        current = await streamsOf(root, selection);
        segments = current.get(stream) ?? [];
        spooled = await spoolMatching(handle, segments, options);
      }
      tellProblems(listed, segments, spooled.problems, options);
      done += 1;
      const { entries } = spooled;
      if (entries === 0) continue;
      const stats = await handle.stat();
      yield { path: `${stream}.log`, stats, entries, chunks: () => readRange(handle, stats.size) };
    }
  } finally {
    await handle.close();
    await rm(spool, { force: true });
  }
}

function isVanished({ code }: ReadProblem): boolean {
  return code === "vanished";
}

/** @param listed - the segments when the bundle was begun. @param read - those that were read in the end. */
function tellProblems(
  listed: readonly Segment[],
  read: readonly Segment[],
  problems: readonly ReadProblem[],
  { pathOf, onProblem }: MatchingOptions,
): void {
  // A busy writer is no damage: its last line is on its way.
  for (const { file, code, message } of problems)
    if (code !== "torn_tail" && code !== "vanished") onProblem({ path: pathOf(file), code, message });
  const vanished = new Set(problems.filter(isVanished).map(({ file }) => file));
  for (const file of lostOf(listed, read, vanished))
    onProblem({ path: pathOf(file), code: "vanished", message: "it was deleted before it could be read" });
}

/** Paths of segments that were listed and not read, under whatever name they stood by then. */
function lostOf(
  listed: readonly Segment[],
  read: readonly Segment[],
  vanished: ReadonlySet<string>,
): Iterable<string> {
  const numberOf = ({ name }: Segment): number | undefined => name.seal?.number;
  const found = new Set(read.filter(({ path, shadowed }) => !shadowed && !vanished.has(path)).map(numberOf));
  const newest = listed.reduce((most, segment) => Math.max(most, numberOf(segment) ?? 0), 0);
  const isFound = (segment: Segment): boolean =>
    found.has(numberOf(segment)) ||
    // What was active then has been sealed since.
    (numberOf(segment) === undefined && [...found].some((number = 0) => number > newest));
  const lost = new Map<number | undefined, string>();
  for (const segment of [...listed, ...read])
    if (!isFound(segment)) lost.set(numberOf(segment), segment.path);
  return lost.values();
}

async function streamsOf(root: string, selection: ResolvedSelection): Promise<Map<string, Segment[]>> {
  const { segments } = await listSegments(root, { kinds: selection.kinds });
  const streams = new Map<string, Segment[]>();
  for (const segment of segments) {
    const { container } = selection;
    if (container !== undefined && segment.container !== undefined && segment.container !== container)
      continue;
    if (!isLogFile(segment)) continue;
    const known = streams.get(segment.stream);
    if (known === undefined) streams.set(segment.stream, [segment]);
    else known.push(segment);
  }
  return streams;
}

/** @returns how many entries were written, in the place of all that was there, and what was met. */
async function spoolMatching(
  handle: FileHandle,
  segments: readonly Segment[],
  { selection, signal }: MatchingOptions,
): Promise<{ readonly entries: number; readonly problems: readonly ReadProblem[] }> {
  const { contains, container, matches } = selection;
  await handle.truncate(0);
  const reading = readEntries(segments, {
    ...(contains === undefined ? {} : { contains }),
    filter: (entry) => (container === undefined || entry.containerId === container) && matches(entry),
  });
  let entries = 0;
  let waiting: string[] = [];
  let waitingLength = 0;
  let position = 0;
  const flush = async (): Promise<void> => {
    const bytes = Buffer.from(waiting.join(""));
    for (let offset = 0; offset < bytes.length; ) {
      const { bytesWritten } = await handle.write(bytes, offset, bytes.length - offset, position);
      offset += bytesWritten;
      position += bytesWritten;
    }
    waiting = [];
    waitingLength = 0;
  };
  for await (const { line } of reading) {
    signal?.throwIfAborted();
    entries += 1;
    waiting.push(`${line}\n`);
    waitingLength += line.length;
    if (waitingLength >= chunkBytes) await flush();
  }
  await flush();
  return { entries, problems: reading.report.problems };
}
