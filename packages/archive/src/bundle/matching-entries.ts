import { type FileHandle, open, rm } from "node:fs/promises";
import { listSegments, readEntries, type Segment } from "@waybill/log-tree";
import { fileMode } from "../files/archive-files.ts";
import { chunkBytes } from "../files/chunks.ts";
import type { BundleProblem } from "./bundle-manifest.ts";
import { type MemberSource, readRange } from "./member-source.ts";
import type { ResolvedSelection } from "./selection.ts";

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
 */
export async function* readMatchingEntries(
  options: MatchingOptions,
): AsyncGenerator<MemberSource, void, undefined> {
  const { root, selection, spool, signal } = options;
  const streams = await streamsOf(root, selection);
  const handle = await open(spool, "wx+", fileMode);
  try {
    let done = 0;
    for (const [stream, segments] of streams) {
      signal?.throwIfAborted();
      options.onStream(stream, done, streams.size);
      await handle.truncate(0);
      const entries = await spoolMatching(handle, segments, options);
      done += 1;
      if (entries === 0) continue;
      const stats = await handle.stat();
      yield { path: `${stream}.log`, stats, entries, chunks: () => readRange(handle, stats.size) };
    }
  } finally {
    await handle.close();
    await rm(spool, { force: true });
  }
}

async function streamsOf(root: string, selection: ResolvedSelection): Promise<Map<string, Segment[]>> {
  const { segments } = await listSegments(root, { kinds: selection.kinds });
  const streams = new Map<string, Segment[]>();
  for (const segment of segments) {
    const { container } = selection;
    if (container !== undefined && segment.container !== undefined && segment.container !== container)
      continue;
    const known = streams.get(segment.stream);
    if (known === undefined) streams.set(segment.stream, [segment]);
    else known.push(segment);
  }
  return streams;
}

/** @returns how many entries were written. */
async function spoolMatching(
  handle: FileHandle,
  segments: readonly Segment[],
  { selection, pathOf, onProblem, signal }: MatchingOptions,
): Promise<number> {
  const { contains, container, matches } = selection;
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
  // A busy writer is no damage: its last line is on its way.
  for (const { file, code, message } of reading.report.problems)
    if (code !== "torn_tail") onProblem({ path: pathOf(file), code, message });
  return entries;
}
