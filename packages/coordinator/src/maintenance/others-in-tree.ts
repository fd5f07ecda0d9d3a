import * as path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Segment, TreeLayout } from "@waybill/log-tree";
import type { Clock, FileSystem } from "@waybill/protocols";
import { isLockedByOthers } from "@waybill/writers";
import { lockFileOf } from "../lock-file.ts";

/** Milliseconds for which an answer holds: asking reads a lock and the table of processes. */
const validMs = 2000;
const sliceMs = 8;

/** What other processes that run now write in the same tree: it is theirs to seal, and it has not been left behind. */
export interface OthersInTree {
  /** Why an active segment that is not open here cannot be sealed by this process; undefined when it can. */
  refusalOf(segment: Segment): string | undefined;
  /**
   * The given containers, and those of the segments that another process writes.
   *
   * @throws the reason of the signal, as a rejection.
   */
  withTheirs(
    registered: ReadonlySet<string>,
    segments: readonly Segment[],
    signal: AbortSignal,
  ): Promise<ReadonlySet<string>>;
}

/** What {@link createOthersInTree} needs. */
export interface OthersInTreeParts {
  readonly layout: TreeLayout;
  readonly clock: Clock;
  readonly fileSystem?: FileSystem | undefined;
  /** Default `isLockedByOthers` of `@waybill/writers`. */
  readonly isLocked?: (lockFile: string) => boolean;
}

/** Nothing is looked at until it is asked for. */
export function createOthersInTree(parts: OthersInTreeParts): OthersInTree {
  const { layout, clock, fileSystem } = parts;
  const ports = fileSystem === undefined ? {} : { fileSystem };
  const { isLocked = (lockFile: string): boolean => isLockedByOthers(lockFile, ports) } = parts;
  const answers = new Map<string, boolean>();
  let validUs = Number.NEGATIVE_INFINITY;

  const isTheirs = (directory: string): boolean => {
    if (clock.monotonicUs() > validUs) {
      answers.clear();
      validUs = clock.monotonicUs() + validMs * 1000;
    }
    const answer = answers.get(directory) ?? isLocked(lockFileOf(layout, directory));
    answers.set(directory, answer);
    return answer;
  };
  // Not from the path: an archived segment lies elsewhere.
  const directoryOf = ({ stream }: Segment): string =>
    path.join(layout.root, ...stream.split("/").slice(0, -1));

  return {
    refusalOf(segment) {
      if (segment.name.writer !== undefined) return "part file of another process";
      return isTheirs(directoryOf(segment)) ? "another process writes it" : undefined;
    },
    async withTheirs(registered, segments, signal) {
      const present = new Set(registered);
      let sliceStartMs = performance.now();
      for (const segment of segments) {
        if (performance.now() - sliceStartMs > sliceMs) {
          await nextTurn();
          signal.throwIfAborted();
          sliceStartMs = performance.now();
        }
        const { container } = segment;
        if (container === undefined || present.has(container)) continue;
        if (isTheirs(directoryOf(segment))) present.add(container);
      }
      return present;
    },
  };
}
