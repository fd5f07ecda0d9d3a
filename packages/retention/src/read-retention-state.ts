import { statfs } from "node:fs/promises";
import * as path from "node:path";
import { createEventLoopTurn, type EntryTimes, listSegments, type Segment } from "@waybill/log-tree";
import {
  type Clock,
  type DirectoryEntry,
  type FileSystem,
  nodeFileSystem,
  systemClock,
} from "@waybill/protocols";
import { readEntryTimes } from "./entry-times.ts";
import { createCorrelationSearch } from "./find-correlations.ts";
import { readHolds } from "./hold-files.ts";
import { errorCodeOf } from "./retention-outcome.ts";
import { type RetainedSegment, type RetentionState, retainedSegmentOf } from "./retention-state.ts";
import { openMarkedTree } from "./tree-guard.ts";

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
  /**
   * Times of the entries of a segment, where somebody knows them without opening it: of archived ones
   * `readArchiveManifest` of `@waybill/archive` does. Without them the age of a compressed segment counts from its
   * seal, which of an idle stream is days after the last entry. Default: nobody knows.
   */
  readonly timesOf?: (segment: Segment) => Partial<EntryTimes> | undefined;
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
  const turn = createEventLoopTurn();
  for (const segment of inventory.segments) {
    await turn();
    const { firstMs, lastMs } = options.timesOf?.(segment) ?? (await readTimes(segment, fileSystem));
    const containerType = segment.container === undefined ? undefined : typeOf?.(segment.container);
    segments.push(retainedSegmentOf(segment, { firstMs, lastMs, isLive: isLive?.(segment), containerType }));
  }
  const space = await diskSpace(layout.root);
  return {
    nowMs: clock.now(),
    segments: await createCorrelationSearch({ fileSystem }).search(segments, holds),
    otherBytes: await bytesBelow(path.dirname(layout.marker), fileSystem, depthMax, turn),
    freeBytes: space?.freeBytes,
    capacityBytes: space?.capacityBytes,
    holds,
    registered: options.registered,
    unregistered: options.unregistered,
  };
}

/** What cannot be read has unknown times: its name tells its age, and any hold on a range covers it. */
async function readTimes(segment: Segment, fileSystem: FileSystem): Promise<Partial<EntryTimes>> {
  try {
    return await readEntryTimes(segment, fileSystem);
  } catch {
    return {};
  }
}

/** Each stream has files here, so there may be tens of thousands; any of them may go at any moment. */
async function bytesBelow(
  directory: string,
  fileSystem: FileSystem,
  depth: number,
  turn: () => Promise<void> | undefined,
): Promise<number> {
  if (depth === 0) return 0;
  let bytes = 0;
  for (const { name, kind } of entriesOf(directory, fileSystem)) {
    await turn();
    const inner = path.join(directory, name);
    if (kind === "directory") bytes += await bytesBelow(inner, fileSystem, depth - 1, turn);
    else if (kind === "file") bytes += fileSystem.lstat(inner)?.size ?? 0;
  }
  return bytes;
}

function entriesOf(directory: string, fileSystem: FileSystem): readonly DirectoryEntry[] {
  try {
    return fileSystem.readdir(directory);
  } catch (error) {
    if (errorCodeOf(error) === "ENOENT") return [];
    throw error;
  }
}

async function askSystem(root: string): Promise<{ freeBytes: number; capacityBytes: number } | undefined> {
  try {
    const { bavail, blocks, bsize } = await statfs(root);
    return { freeBytes: bavail * bsize, capacityBytes: blocks * bsize };
  } catch {
    return undefined;
  }
}
