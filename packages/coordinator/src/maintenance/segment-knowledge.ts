import { setImmediate as nextTurn } from "node:timers/promises";
import { type ArchivedFile, readArchiveManifest } from "@waybill/archive";
import type { EntryTimes, Segment, TreeLayout } from "@waybill/log-tree";
import type { FileSystem } from "@waybill/protocols";
import { type RetainedSegment, readEntryTimes, retainedSegmentOf } from "@waybill/retention";

const sliceMs = 8;
const unknown: EntryTimes = { firstMs: undefined, lastMs: undefined };

/** What only this process knows of a segment. */
export interface SegmentLookup {
  /** When this process last wrote the active segment at a path, milliseconds since the epoch; undefined = never. */
  lastWriteMs(path: string): number | undefined;
  /** Type of a container by its id. */
  typeOf(container: string): string | undefined;
  /** Why a segment cannot be touched, as was found before; undefined when nothing is known. */
  refusalOf(segment: Segment): string | undefined;
}

/** The times of the entries of all segments; each file is asked once. */
export interface SegmentKnowledge {
  /** Takes over what the archive knows of its files. @throws the error of the file system, as a rejection. */
  load(layout: TreeLayout): Promise<void>;
  /** The writer has compressed a sealed segment: its times are known still. @param bytes - of the compressed file. */
  noteCompressed(sealedPath: string, compressedPath: string, bytes: number): void;
  /** Notes the times of a copy that was archived just now. */
  noteArchived(copy: Pick<ArchivedFile, "path" | "bytes" | "firstMs" | "lastMs">): void;
  /** @throws the reason of the signal, as a rejection. */
  complete(
    segments: readonly Segment[],
    lookup: SegmentLookup,
    signal: AbortSignal,
  ): Promise<RetainedSegment[]>;
}

interface KnownTimes extends EntryTimes {
  readonly bytes: number;
}

/** Knows nothing yet. @param fileSystem - default: that of this machine. */
export function createSegmentKnowledge(fileSystem?: FileSystem): SegmentKnowledge {
  let known = new Map<string, KnownTimes>();

  /** A segment of the same size is the same one: sealed ones never change, and active ones only grow. */
  const timesOf = async (
    segment: Segment,
    lastWriteMs: number | undefined,
  ): Promise<KnownTimes | undefined> => {
    const { bytes } = segment;
    if (lastWriteMs !== undefined) return { bytes, firstMs: undefined, lastMs: lastWriteMs };
    const before = known.get(segment.path);
    if (before?.bytes === bytes) return before;
    const times = await readTimes(segment, fileSystem);
    return times && { bytes, ...times };
  };

  return {
    async load(layout) {
      for (const [file, times] of await readArchiveManifest({
        layout,
        ...(fileSystem === undefined ? {} : { fileSystem }),
      }))
        known.set(file, times);
    },
    noteCompressed(sealedPath, compressedPath, bytes) {
      const times = known.get(sealedPath);
      if (times !== undefined) known.set(compressedPath, { ...times, bytes });
    },
    noteArchived: ({ path, bytes, firstMs, lastMs }) => known.set(path, { bytes, firstMs, lastMs }),
    async complete(segments, lookup, signal) {
      const next = new Map<string, KnownTimes>();
      const completed: RetainedSegment[] = [];
      let sliceStartMs = performance.now();
      for (const segment of segments) {
        if (performance.now() - sliceStartMs > sliceMs) {
          await nextTurn();
          signal.throwIfAborted();
          sliceStartMs = performance.now();
        }
        const isActive = segment.state === "active";
        const lastWriteMs = isActive ? lookup.lastWriteMs(segment.path) : undefined;
        const times = await timesOf(segment, lastWriteMs);
        if (times !== undefined) next.set(segment.path, times);
        const { firstMs, lastMs } = times ?? unknown;
        const { container } = segment;
        const containerType = container === undefined ? undefined : lookup.typeOf(container);
        const refusal = lookup.refusalOf(segment);
        completed.push(retainedSegmentOf(segment, { firstMs, lastMs, containerType, refusal }));
      }
      known = next;
      return completed;
    },
  };
}

/** Undefined when it cannot be read now: its name tells its age, and the next plan tries again. A temporary one is not read at all. */
async function readTimes(
  segment: Segment,
  fileSystem: FileSystem | undefined,
): Promise<EntryTimes | undefined> {
  if (segment.state === "temporary") return unknown;
  try {
    return await readEntryTimes(segment, fileSystem);
  } catch {
    return undefined;
  }
}
