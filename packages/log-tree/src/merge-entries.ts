import { type FileSystem, type LogEntry, nodeFileSystem } from "@waybill/protocols";
import { createDescriptorPool } from "./descriptor-pool.ts";
import { createEventLoopTurn } from "./event-loop-turn.ts";
import { listSegments } from "./inventory.ts";
import { inTimeOrder } from "./late-entries.ts";
import { createMinHeap } from "./min-heap.ts";
import { createReadReport, type GrowingReport } from "./read-report.ts";
import type { EntryReading, ReadOptions } from "./read-segment.ts";
import { readTree } from "./read-tree.ts";
import { isLogFile, type Segment } from "./segment.ts";
import type { ReadEntry } from "./segment-cursor.ts";
import { compareSegments, compareText } from "./segment-name.ts";
import { createSegmentStream, type SegmentStream } from "./segment-stream.ts";
import type { StreamKind } from "./stream-address.ts";

/** Options of {@link readEntries}. */
export interface ReadEntriesOptions extends ReadOptions {
  /** Which entries to hand out. Default: all. What it throws ends the iteration. */
  readonly filter?: (entry: LogEntry) => boolean;
  /**
   * Which kinds to read when a root is given. Default: container, flow, system, as the master and correlation streams
   * repeat entries of these.
   */
  readonly kinds?: readonly StreamKind[];
  /** Descriptors held at once, integer ≥ 1. Default 64. */
  readonly openFilesMax?: number;
  /**
   * Entries of each stream that are read ahead, integer ≥ 0, so that those written late by intent stand in their place
   * by time: what a flight recorder released (`recorded`), and what stands for folded entries (`repeated`). About 65,536
   * in all, shared by the streams. Default 0: they stand where they were written.
   */
  readonly readAheadMax?: number;
}

const defaultKinds: readonly StreamKind[] = ["container", "flow", "system"];
const buffersBytes = 64 * 1024 * 1024;
const readAheadTotal = 65_536;
const chunkBytesMin = 16 * 1024;
const chunkBytesMax = 256 * 1024;

/**
 * Reads many segments as one sequence in order of time. Within a stream the order of its `seq` stands, even where the
 * clock went back; between streams the timestamp decides, then container, component and `seq`. `readAheadMax` puts what
 * was written late by intent in its place.
 *
 * Reads only as fast as it is asked. The segments of one stream are read one after the other; of each stream one piece
 * is in memory, 16 to 256 KiB, about 64 MiB in all. Never throws for damage: `report` says what could not be read.
 *
 * @param source - the root of a tree, or segments as listed; shadowed and temporary ones are passed over.
 * @throws {WaybillError} with the first entry, for a root that is no tree or one of another format: as `readTree`.
 */
export function readEntries(
  source: string | readonly Segment[],
  options: ReadEntriesOptions = {},
): EntryReading {
  const report = createReadReport();
  const iterator = mergeEntries(source, options, report);
  return { report: report.report, [Symbol.asyncIterator]: () => iterator };
}

async function* mergeEntries(
  source: string | readonly Segment[],
  options: ReadEntriesOptions,
  report: GrowingReport,
): AsyncGenerator<ReadEntry, void, undefined> {
  const { filter, openFilesMax = 64, fileSystem = nodeFileSystem } = options;
  const segments =
    typeof source === "string" ? await segmentsOf(source, options, fileSystem, report) : source;
  const groups = groupByStream(segments);
  const chunkBytes = Math.min(
    chunkBytesMax,
    Math.max(chunkBytesMin, Math.floor(buffersBytes / groups.length)),
  );
  const pool = createDescriptorPool(fileSystem, openFilesMax);
  const ports = { pool, fileSystem, report, turn: createEventLoopTurn() };
  const aheadMax = Math.min(options.readAheadMax ?? 0, Math.ceil(readAheadTotal / groups.length));
  const streams = groups.map((group) => {
    const stream = createSegmentStream(group, ports, { chunkBytes, ...options });
    return aheadMax > 0 ? inTimeOrder(stream, aheadMax) : stream;
  });
  const heap = createMinHeap<SegmentStream>(compareHeads);
  try {
    for (const stream of streams) if (await stream.load()) heap.push(stream);
    for (let first = heap.peek(); first !== undefined; first = heap.peek()) {
      const { head } = first;
      if (head !== undefined && (filter === undefined || filter(head.entry))) yield head;
      if (first.advance() || (await first.load())) heap.settle();
      else heap.pop();
    }
  } finally {
    for (const stream of streams) stream.close();
  }
}

/** What could not be listed is a file that was not read. */
async function segmentsOf(
  root: string,
  options: ReadEntriesOptions,
  fileSystem: FileSystem,
  report: GrowingReport,
): Promise<readonly Segment[]> {
  const { kinds = defaultKinds } = options;
  readTree(root, { fileSystem });
  const { segments, problems } = await listSegments(root, { kinds, fileSystem });
  for (const { path, message } of problems) report.addUnreadable(path, message);
  return segments;
}

function groupByStream(segments: readonly Segment[]): Segment[][] {
  const groups = new Map<string, Segment[]>();
  for (const segment of segments) {
    if (segment.shadowed || !isLogFile(segment)) continue;
    const group = groups.get(segment.stream);
    if (group === undefined) groups.set(segment.stream, [segment]);
    else group.push(segment);
  }
  for (const group of groups.values()) group.sort((a, b) => compareSegments(a.name, b.name));
  return [...groups.values()];
}

/**
 * An entry that is older than the one before it in its stream (the clock went back) comes first of all heads, and so
 * right behind its predecessor: the order within the stream stands.
 */
function compareHeads(a: SegmentStream, b: SegmentStream): number {
  const first = a.head?.entry;
  const second = b.head?.entry;
  if (first === undefined || second === undefined)
    return Number(first === undefined) - Number(second === undefined);
  return (
    first.timestampMs - second.timestampMs ||
    compareText(first.containerId, second.containerId) ||
    compareText(first.componentName, second.componentName) ||
    first.seq - second.seq
  );
}
