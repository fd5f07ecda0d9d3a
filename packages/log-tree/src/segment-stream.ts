import * as path from "node:path";
import type { FileSystem } from "@waybill/protocols";
import type { DescriptorPool } from "./descriptor-pool.ts";
import { statSegment } from "./inventory.ts";
import type { GrowingReport } from "./read-report.ts";
import { targetOf } from "./read-segment.ts";
import type { Segment } from "./segment.ts";
import {
  createSegmentCursor,
  type ReadEntry,
  type SegmentCursor,
  type SegmentCursorOptions,
} from "./segment-cursor.ts";
import { compareSegments, parseSegmentName } from "./segment-name.ts";
import { markShadowed } from "./shadowed-segments.ts";

/** The entries of one stream, segment after segment. */
export interface SegmentStream {
  /** The entry at which the stream stands; undefined before the first {@link load} and at its end. */
  readonly head: ReadEntry | undefined;
  /** Goes to the next entry without waiting. @returns false when there is none loaded: load. */
  advance(): boolean;
  /** Goes to the next entry, loading what it takes. @returns false at the end of the stream. Never rejects. */
  load(): Promise<boolean>;
  close(): void;
}

/** What all streams of one reading share. */
export interface StreamPorts {
  readonly pool: DescriptorPool;
  readonly fileSystem: FileSystem;
  readonly report: GrowingReport;
  /** See `createEventLoopTurn`. */
  readonly turn: () => Promise<void> | undefined;
}

/** @param segments - of one stream, from the oldest to the newest, without shadowed and temporary ones. */
export function createSegmentStream(
  segments: readonly Segment[],
  ports: StreamPorts,
  options: SegmentCursorOptions,
): SegmentStream {
  const remaining = [...segments];
  let current: Segment | undefined;
  let cursor: SegmentCursor | undefined;
  let head: ReadEntry | undefined;

  const endSegment = (): void => {
    if (cursor === undefined || current === undefined) return;
    cursor.close();
    const [problem] = cursor.tally.problems;
    const missed = problem?.code === "vanished" && cursor.tally.bytes === 0;
    const replacements = missed ? sealedSince(current, segments, ports.fileSystem) : [];
    if (replacements.length > 0) remaining.unshift(...replacements);
    else ports.report.add(cursor.tally);
    cursor = undefined;
    current = undefined;
  };
  const advance = (): boolean => {
    head = cursor?.take();
    return head !== undefined;
  };
  return {
    get head() {
      return head;
    },
    advance,
    async load() {
      while (!advance()) {
        if (cursor === undefined) {
          current = remaining.shift();
          if (current === undefined) return false;
          cursor = createSegmentCursor(targetOf(current), ports.pool, options);
        }
        await ports.turn();
        if (!(await cursor.load())) endSegment();
      }
      return true;
    },
    close() {
      remaining.length = 0;
      endSegment();
      head = undefined;
    },
  };
}

/**
 * Where the entries of an active segment are that was sealed and compressed between listing and reading: in segments
 * with numbers that the listing did not have.
 */
function sealedSince(active: Segment, listed: readonly Segment[], fileSystem: FileSystem): Segment[] {
  if (active.name.seal !== undefined) return [];
  const last = Math.max(0, ...listed.map((segment) => segment.name.seal?.number ?? 0));
  const directory = path.dirname(active.path);
  const found: Segment[] = [];
  try {
    for (const entry of fileSystem.readdir(directory)) {
      const name = parseSegmentName(entry.name);
      if (
        name === undefined ||
        name.component !== active.name.component ||
        name.writer !== active.name.writer
      )
        continue;
      if (name.temporary || (name.seal?.number ?? 0) <= last) continue;
      const segment = statSegment(path.join(directory, entry.name), { ...active, name }, fileSystem);
      if (segment !== undefined) found.push(segment);
    }
  } catch {
    // The directory went too: the segment stays reported as vanished.
    return [];
  }
  return markShadowed(found)
    .filter((segment) => !segment.shadowed)
    .sort((a, b) => compareSegments(a.name, b.name));
}
