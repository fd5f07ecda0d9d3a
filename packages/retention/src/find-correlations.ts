import { createEventLoopTurn, readSegment } from "@waybill/log-tree";
import { type FileSystem, nodeFileSystem } from "@waybill/protocols";
import { coverageOf, type Hold } from "./hold.ts";
import { type RetainedSegment, retainedSegmentOf } from "./retention-state.ts";

/** Options of {@link createCorrelationSearch}. */
export interface CorrelationSearchOptions {
  /** Default: that of this machine. */
  readonly fileSystem?: FileSystem;
}

/** Finds out which segments the holds on correlation ids cover. */
export interface CorrelationSearch {
  /**
   * Searches segments for the correlation ids of holds, and returns them with the answers. What was sealed and
   * searched once is not read again. Only what a hold could cover by its other criteria is read. Where reading meets
   * a problem the answer stays open, and an open answer is a hold. Lets the event loop turn every few milliseconds.
   *
   * @param signal - ends the search early; what was not reached stays open.
   */
  search(
    segments: readonly RetainedSegment[],
    holds: readonly Hold[],
    signal?: AbortSignal,
  ): Promise<RetainedSegment[]>;
}

/** Remembers the answers of sealed segments that are still there. */
export function createCorrelationSearch(options: CorrelationSearchOptions = {}): CorrelationSearch {
  const { fileSystem = nodeFileSystem } = options;
  let known = new Map<string, ReadonlyMap<string, boolean>>();
  return {
    async search(segments, holds, signal) {
      const pins = holds.flatMap((hold) => {
        const { correlationId: id } = hold;
        return id === undefined ? [] : [{ id, mayCover: coverageOf({ ...hold, correlationId: undefined }) }];
      });
      if (pins.length === 0) return [...segments];
      const next = new Map<string, ReadonlyMap<string, boolean>>();
      const found: RetainedSegment[] = [];
      const turn = createEventLoopTurn();
      for (const segment of segments) {
        await turn();
        // Only these are ever archived or deleted.
        if (segment.state !== "sealed" && segment.state !== "archived") {
          found.push(segment);
          continue;
        }
        // A later file may have the inode of a deleted one.
        const { path, device, inode, bytes, modifiedMs } = segment;
        const key = `${path} ${device}:${inode} ${bytes} ${modifiedMs}`;
        const answers = new Map(known.get(key));
        for (const { id, mayCover } of pins) {
          if (answers.has(id) || signal?.aborted === true || !mayCover(segment)) continue;
          const answer = await hasEntries(segment, id, fileSystem);
          if (answer !== undefined) answers.set(id, answer);
        }
        next.set(key, answers);
        found.push(retainedSegmentOf(segment, { ...segment, correlations: answers }));
      }
      known = next;
      return found;
    },
  };
}

/** Undefined when the segment could not be read whole and nothing was found. */
async function hasEntries(
  segment: RetainedSegment,
  correlationId: string,
  fileSystem: FileSystem,
): Promise<boolean | undefined> {
  const reading = readSegment(segment, { contains: JSON.stringify(correlationId), fileSystem });
  for await (const { entry } of reading) {
    if (entry.correlationId === correlationId) return true;
  }
  return reading.report.problemsTotal === 0 ? false : undefined;
}
