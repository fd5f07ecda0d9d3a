import type { PerformanceConfig, RetentionPolicyConfig } from "@waybill/config";
import {
  formatSegmentName,
  type Inventory,
  isLogFile,
  listSegments,
  readSegment,
  type Segment,
} from "@waybill/log-tree";
import type { WriterPoolStatus } from "@waybill/writers";
import type { LogManager } from "./log-manager.ts";
import { mapById } from "./map-by-id.ts";

/** The files of one container. */
export interface ContainerFiles {
  /** File names of the active segments. */
  readonly logFiles: readonly string[];
  /** Files of all states. */
  readonly fileCount: number;
  readonly totalSizeMb: number;
}

/** The state of logging as a whole. Sizes count every segment file of the tree: active, sealed, archived, temporary. */
export interface LogSummary {
  readonly coordinatorId: string;
  /** Containers that are registered now. */
  readonly activeContainers: number;
  /** Containers that have files, running or not, archived ones included. */
  readonly totalLogDirectories: number;
  readonly baseLogDir: string;
  /** MiB. */
  readonly diskUsageMb: number;
  /** MiB by kind of stream. */
  readonly diskUsageMbByKind: Readonly<Record<string, number>>;
  /** RFC 3339 time of the oldest entry, by the entry itself and not by file times; undefined for an empty tree. */
  readonly oldestLog: string | undefined;
  /** By container id; one that was too long for a path goes by the name of its directory. Has no prototype. */
  readonly logStructure: Readonly<Record<string, ContainerFiles>>;
  readonly performanceSettings: PerformanceConfig;
  readonly retentionPolicy: RetentionPolicyConfig;
  /** Counters of all writers since the manager was opened. */
  readonly writers: WriterPoolStatus;
}

const bytesPerMb = 1_048_576;
/** Enough for the first entry of nearly every segment; a longer one takes further reads. */
const firstChunkBytes = 4096;

/** Looks at every file of the tree of a manager. */
export async function readLogSummary(
  {
    coordinatorId,
    registries,
    tree,
    config,
  }: Pick<LogManager, "coordinatorId" | "registries" | "tree" | "config">,
  writers: WriterPoolStatus,
): Promise<LogSummary> {
  const inventory = await listSegments(tree.layout.root);
  const usage = usageOf(inventory);
  const oldestMs = await oldestEntryMs(inventory);
  return {
    coordinatorId,
    activeContainers: registries.size,
    totalLogDirectories: inventory.summary.containers,
    baseLogDir: tree.layout.root,
    diskUsageMb: usage.totalMb,
    diskUsageMbByKind: usage.byKind,
    oldestLog: oldestMs === undefined ? undefined : new Date(oldestMs).toISOString(),
    logStructure: structureOf(inventory),
    performanceSettings: config.logging.performance,
    retentionPolicy: config.logging.retentionPolicy,
    writers,
  };
}

/** The files of each container in an inventory, by container id. */
export function structureOf(inventory: Inventory): Readonly<Record<string, ContainerFiles>> {
  const byContainer = new Map<string, Segment[]>();
  for (const segment of inventory.segments) {
    if (segment.kind !== "container") continue;
    const container = segment.container ?? directoryNameOf(segment);
    const segments = byContainer.get(container) ?? [];
    segments.push(segment);
    byContainer.set(container, segments);
  }
  return mapById([...byContainer].map(([container, segments]) => [container, filesOf(segments)]));
}

/** What stands for an id that was too long to be read back from its path. */
function directoryNameOf({ stream }: Segment): string {
  return stream.slice(stream.indexOf("/") + 1, stream.lastIndexOf("/"));
}

function filesOf(segments: readonly Segment[]): ContainerFiles {
  return {
    logFiles: segments.filter(({ state }) => state === "active").map(({ name }) => formatSegmentName(name)),
    fileCount: segments.length,
    totalSizeMb: megabytes(segments.reduce((sum, { bytes }) => sum + bytes, 0)),
  };
}

/** MiB by kind, and in all. */
function usageOf(inventory: Inventory): {
  readonly byKind: Record<string, number>;
  readonly totalMb: number;
} {
  const kinds = Object.entries(inventory.summary.bytesByKind);
  return {
    byKind: Object.fromEntries(kinds.map(([kind, bytes]) => [kind, megabytes(bytes)])),
    totalMb: megabytes(kinds.reduce((sum, [, bytes]) => sum + bytes, 0)),
  };
}

/** Milliseconds since the epoch of the oldest first entry of all streams; reads one entry per stream. */
export async function oldestEntryMs(inventory: Inventory): Promise<number | undefined> {
  const answered = new Set<string>();
  let oldest: number | undefined;
  for (const segment of inventory.segments) {
    if (segment.shadowed || !isLogFile(segment) || answered.has(segment.stream)) continue;
    const first = await firstEntryMs(segment);
    // A segment that has no entry, or has just gone, leaves the answer to the next one of its stream.
    if (first === undefined) continue;
    answered.add(segment.stream);
    if (oldest === undefined || first < oldest) oldest = first;
  }
  return oldest;
}

async function firstEntryMs(segment: Segment): Promise<number | undefined> {
  for await (const { entry } of readSegment(segment, { chunkBytes: firstChunkBytes }))
    return entry.timestampMs;
  return undefined;
}

function megabytes(bytes: number): number {
  return bytes / bytesPerMb;
}
