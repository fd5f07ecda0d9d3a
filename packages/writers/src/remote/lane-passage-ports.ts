import type { LaneSet } from "../lane/lane-set.ts";
import type { ResolvedStreamOptions } from "../writer-options.ts";

/**
 * Where a stream is on its way through the lanes.
 * - `outside`: no worker knows it (yet, or any more).
 * - `opening`: a worker opens its files; entries wait.
 * - `unopened`: that failed; the worker tries again by itself.
 * - `open`: lines can be sent.
 * - `moving`: its lane lets it go; entries wait.
 * - `waiting`: its worker hangs in it, or holds entries of it and hangs elsewhere; entries wait until that ends.
 */
export type PassageStage = "outside" | "opening" | "unopened" | "open" | "moving" | "waiting";

/** What a passage is made with. */
export interface LanePassagePorts {
  readonly lanes: LaneSet;
  readonly path: string;
  readonly lockFile: string | undefined;
  readonly options: ResolvedStreamOptions;
  /** @param lastSeq - `seq` of the last entry in the files. */
  readonly onOpened: (lastSeq: number) => void;
  readonly onUnopened: () => void;
  /** No worker has the stream any more, because none writes in its mode. */
  readonly onLeft: () => void;
  /** The stream did not move after all. */
  readonly onStayed: () => void;
}
