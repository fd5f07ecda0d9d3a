import { statfs } from "node:fs/promises";
import * as path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { listSegments, type Segment } from "@waybill/log-tree";
import { type Clock, type FileSystem, nodeFileSystem, systemClock } from "@waybill/protocols";
import { type EntryTimes, readEntryTimes } from "./entry-times.ts";
import { createCorrelationSearch } from "./find-correlations.ts";
import { readHolds } from "./hold-files.ts";
import { type RetainedSegment, type RetentionState, retainedSegmentOf } from "./retention-state.ts";
import { openMarkedTree } from "./tree-guard.ts";

const sliceMs = 8;
/** Our own state has no directories below these. */
const depthMax = 3;

/** Options of {@link readRetentionState}. */
export interface ReadRetentionStateOptions {
  /** Whether a writer has a segment open. Default: none, as in a tree whose application is down. */
  readonly isLive?: (segment: Segment) => boolean;
  /** As in {@link RetentionState}. Default: unknown. */
  readonly registered?: ReadonlySet<string>;
  /** As in {@link RetentionState}. Default: none. */
  readonly unregistered?: ReadonlyMap<string, number>;
  /** Type of a container by its id. Default: unknown. */
  readonly typeOf?: (container: string) => string | undefined;
  /** Default: that of this machine. */
  readonly fileSystem?: FileSystem;
  /** Default: that of this process. */
  readonly clock?: Clock;
  /** Bytes free for this user and of the whole disk. Default: those that the system tells. */
  readonly diskSpace?: (root: string) => Promise<{ freeBytes: number; capacityBytes: number } | undefined>;
}

/**
 * Looks at a whole tree: every segment, the ends of the plain ones, the holds, the disk. For a tree whose application
 * is down, and for a start; whoever writes the tree knows all this already and makes a {@link RetentionState} himself.
 *
 * Levels stay unknown. Lets the event loop turn every few milliseconds.
 *
 * @throws {WaybillError} `WAYBILL_TREE_NOT_FOUND`, `WAYBILL_TREE_FORMAT_UNKNOWN`.
 */
export async function readRetentionState(
  root: string,
  options: ReadRetentionStateOptions = {},
): Promise<RetentionState> {
  const { fileSystem = nodeFileSystem, clock = systemClock, isLive, typeOf, diskSpace = askSystem } = options;
  const layout = openMarkedTree(root, fileSystem);
  const inventory = await listSegments(root, { fileSystem });
  const holds = readHolds(layout, fileSystem);
  const segments: RetainedSegment[] = [];
  let sliceStartMs = performance.now();
  for (const segment of inventory.segments) {
    if (performance.now() - sliceStartMs > sliceMs) {
      await nextTurn();
      sliceStartMs = performance.now();
    }
    const { firstMs, lastMs } = await timesOf(segment, fileSystem);
    const containerType = segment.container === undefined ? undefined : typeOf?.(segment.container);
    segments.push(retainedSegmentOf(segment, { firstMs, lastMs, isLive: isLive?.(segment), containerType }));
  }
  const space = await diskSpace(layout.root);
  return {
    nowMs: clock.now(),
    segments: await createCorrelationSearch({ fileSystem }).search(segments, holds),
    otherBytes: bytesBelow(path.dirname(layout.marker), fileSystem, depthMax),
    freeBytes: space?.freeBytes,
    capacityBytes: space?.capacityBytes,
    holds,
    registered: options.registered,
    unregistered: options.unregistered,
  };
}

/** What cannot be read has unknown times: its name tells its age, and any hold on a range covers it. */
async function timesOf(segment: Segment, fileSystem: FileSystem): Promise<Partial<EntryTimes>> {
  try {
    return await readEntryTimes(segment, fileSystem);
  } catch {
    return {};
  }
}

function bytesBelow(directory: string, fileSystem: FileSystem, depth: number): number {
  if (depth === 0) return 0;
  let bytes = 0;
  for (const { name, kind } of fileSystem.readdir(directory)) {
    const inner = path.join(directory, name);
    if (kind === "directory") bytes += bytesBelow(inner, fileSystem, depth - 1);
    else if (kind === "file") bytes += fileSystem.lstat(inner)?.size ?? 0;
  }
  return bytes;
}

async function askSystem(root: string): Promise<{ freeBytes: number; capacityBytes: number } | undefined> {
  try {
    const { bavail, blocks, bsize } = await statfs(root);
    return { freeBytes: bavail * bsize, capacityBytes: blocks * bsize };
  } catch {
    return undefined;
  }
}
