import {
  formatSegmentName,
  type Inventory,
  type Segment,
  type SegmentState,
  type StreamKind,
} from "@waybill/log-tree";

/** Bytes of one container, in all its components and states. */
export interface ContainerUsage {
  readonly containerId: string;
  readonly bytes: number;
  readonly files: number;
  /** Names of the active segments. */
  readonly activeFiles: readonly string[];
}

/** What a log tree takes on disk. */
export interface TreeUsage {
  /** All that counts against the limit: segments of every state, and `otherBytes`. */
  readonly totalBytes: number;
  readonly bytesByKind: Readonly<Record<StreamKind, number>>;
  readonly bytesByState: Readonly<Record<SegmentState, number>>;
  readonly filesByState: Readonly<Record<SegmentState, number>>;
  /** Bytes of indexes, manifests and other state. */
  readonly otherBytes: number;
  readonly containers: readonly ContainerUsage[];
}

/**
 * The usage that an inventory of `@waybill/log-tree` shows. Whoever counts as it writes needs no inventory and can
 * make a {@link TreeUsage} itself.
 *
 * @param otherBytes - bytes of files that are no segments. Default 0.
 */
export function treeUsageOf(inventory: Pick<Inventory, "segments">, otherBytes = 0): TreeUsage {
  const bytesByKind: Record<StreamKind, number> = {
    container: 0,
    flow: 0,
    correlation: 0,
    system: 0,
    master: 0,
  };
  const none: Record<SegmentState, number> = { active: 0, sealed: 0, archived: 0, temporary: 0, aside: 0 };
  const bytesByState = { ...none };
  const filesByState = { ...none };
  const containers = new Map<string, { bytes: number; files: number; activeFiles: string[] }>();
  let totalBytes = otherBytes;
  for (const segment of inventory.segments) {
    const { kind, state, bytes } = segment;
    totalBytes += bytes;
    bytesByKind[kind] += bytes;
    bytesByState[state] += bytes;
    filesByState[state] += 1;
    if (kind !== "container") continue;
    const containerId = containerOf(segment);
    const usage = containers.get(containerId) ?? { bytes: 0, files: 0, activeFiles: [] };
    usage.bytes += bytes;
    usage.files += 1;
    if (state === "active") usage.activeFiles.push(formatSegmentName(segment.name));
    containers.set(containerId, usage);
  }
  return {
    totalBytes,
    bytesByKind,
    bytesByState,
    filesByState,
    otherBytes,
    containers: Array.from(containers, ([containerId, usage]) => ({ containerId, ...usage })),
  };
}

/** An id that was too long to be read back from its path goes by the name of its directory. */
function containerOf({ container, stream }: Segment): string {
  return container ?? stream.slice(stream.indexOf("/") + 1, stream.lastIndexOf("/"));
}
