import { createEventLoopTurn, readSegment } from "@waybill/log-tree";
import { type FileSystem, type Level, levels, nodeFileSystem } from "@waybill/protocols";
import type { RetentionPolicy } from "./retention-policy.ts";
import { type RetainedSegment, retainedSegmentOf } from "./retention-state.ts";
import { lookUpRules, type RuleLookup } from "./segment-rules.ts";

/** Options of {@link createLevelSearch}. */
export interface LevelSearchOptions {
  /** Default: that of this machine. */
  readonly fileSystem?: FileSystem;
}

/** Finds out the most severe level of segments where the policy asks for it. */
export interface LevelSearch {
  /**
   * Returns the segments, with `maxLevel` where it decides something now: an override by level applies to the segment,
   * and it is due by one of the limits in question and not by another. Such a segment is read once, and the answer
   * kept as long as the file is there. What cannot be read stays unknown, and is kept as long as any level would be.
   *
   * @param nowMs - milliseconds since the epoch.
   * @param signal - ends the search early; what was not reached stays unknown.
   */
  search(
    segments: readonly RetainedSegment[],
    policy: RetentionPolicy,
    nowMs: number,
    signal?: AbortSignal,
  ): Promise<readonly RetainedSegment[]>;
}

/** Remembers the answers of segments that are still there. */
export function createLevelSearch({ fileSystem = nodeFileSystem }: LevelSearchOptions = {}): LevelSearch {
  let known = new Map<string, Level>();
  return {
    async search(segments, policy, nowMs, signal) {
      const asked = askedLevels(policy);
      if (asked.length === 0) return segments;
      const agesOf = createOpenAges(lookUpRules(policy));
      const next = new Map<string, Level>();
      const found: RetainedSegment[] = [];
      const turn = createEventLoopTurn();
      for (const segment of segments) {
        await turn();
        const isEnded = segment.state === "sealed" || segment.state === "archived";
        const isAsked =
          isEnded && segment.maxLevel === undefined && dependsOnLevel(segment, agesOf(segment), nowMs);
        const level = isAsked ? await levelOf(segment) : undefined;
        found.push(
          level === undefined ? segment : retainedSegmentOf(segment, { ...segment, maxLevel: level }),
        );
      }
      known = next;
      return found;

      async function levelOf(segment: RetainedSegment): Promise<Level | undefined> {
        // A later file may have the inode of a deleted one.
        const { path, device, inode, bytes, modifiedMs } = segment;
        const key = `${path} ${device}:${inode} ${bytes} ${modifiedMs}`;
        const isAborted = signal?.aborted === true;
        const level =
          known.get(key) ?? (isAborted ? undefined : await readMaxLevel(segment, asked, fileSystem));
        if (level !== undefined) next.set(key, level);
        return level;
      }
    },
  };
}

/** The levels that an override tells apart from those below them, most severe first. */
function askedLevels({ overrides }: RetentionPolicy): readonly Level[] {
  const bounds = new Set<number>();
  for (const { match } of overrides) {
    if (match.minLevel !== undefined) bounds.add(levels.indexOf(match.minLevel));
    if (match.maxLevel !== undefined) bounds.add(levels.indexOf(match.maxLevel) + 1);
  }
  const lowest = Math.min(...bounds);
  return levels.filter((_, index) => index >= lowest && index > 0).toReversed();
}

/** Ages from the first to the last at which some level, but not every one, would have a segment archived or deleted. */
interface OpenAges {
  readonly archiveMs: readonly [from: number, to: number];
  readonly deleteMs: readonly [from: number, to: number];
}

/** Answers for each stream once: there are far fewer than segments. */
function createOpenAges(rules: RuleLookup): (segment: RetainedSegment) => OpenAges {
  const known = new Map<string, OpenAges>();
  return (segment) => {
    const key = `${segment.stream} ${segment.containerType ?? ""}`;
    let ages = known.get(key);
    if (ages === undefined) {
      const limits = levels.map((maxLevel) =>
        rules.ofSegment(retainedSegmentOf(segment, { ...segment, maxLevel })),
      );
      ages = {
        archiveMs: spanOf(limits.map(({ archiveAfter }) => archiveAfter.value)),
        deleteMs: spanOf(limits.map(({ deleteAfter }) => deleteAfter.value)),
      };
      known.set(key, ages);
    }
    return ages;
  };
}

function spanOf(values: readonly number[]): readonly [number, number] {
  return [Math.min(...values), Math.max(...values)];
}

/** Whether some level would have it archived or deleted now, and another would not. */
function dependsOnLevel(segment: RetainedSegment, { archiveMs, deleteMs }: OpenAges, nowMs: number): boolean {
  const { lastMs = segment.name.seal?.sealedMs } = segment;
  if (lastMs === undefined) return false;
  const ageMs = nowMs - lastMs;
  const isOpen = ([from, to]: readonly [number, number]): boolean => ageMs >= from && ageMs < to;
  return (segment.state === "sealed" && isOpen(archiveMs)) || isOpen(deleteMs);
}

/** @returns undefined when the segment could not be read whole and nothing severe was found in it. */
async function readMaxLevel(
  segment: RetainedSegment,
  asked: readonly Level[],
  fileSystem: FileSystem,
): Promise<Level | undefined> {
  for (const level of asked) {
    const reading = readSegment(segment, { contains: JSON.stringify(level), fileSystem });
    for await (const { entry } of reading) {
      if (entry.level === level) return level;
    }
    if (reading.report.problemsTotal > 0) return undefined;
  }
  const lowest = asked.at(-1);
  return lowest === undefined ? undefined : levels[levels.indexOf(lowest) - 1];
}
