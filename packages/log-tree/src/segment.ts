import type { SegmentLocation } from "./tree-layout.ts";

/**
 * The state of a segment's file.
 * - `active`: being written.
 * - `sealed`: immutable, in its place.
 * - `archived`: compressed and moved below `archived/`.
 * - `temporary`: `.part`, being made or left behind by a crash; no reader takes it.
 * - `aside`: `.torn` and `.quarantine`, put out of the way by a writer; no segment, and no reader takes it.
 */
export type SegmentState = "active" | "sealed" | "archived" | "temporary" | "aside";

/** The state of the file at a place. */
export function segmentStateOf({
  name,
  archivedOn,
}: Pick<SegmentLocation, "name" | "archivedOn">): SegmentState {
  if (name.aside !== undefined) return "aside";
  if (name.temporary) return "temporary";
  if (archivedOn !== undefined) return "archived";
  return name.seal === undefined ? "active" : "sealed";
}

/** Whether a file is read as a log. What is temporary or was set aside only takes room. */
export function isLogFile({ state }: Pick<Segment, "state">): boolean {
  return state !== "temporary" && state !== "aside";
}

/** One segment file as it was found, or a file that takes room in the place of its stream. */
export interface Segment extends SegmentLocation {
  readonly path: string;
  readonly state: SegmentState;
  /** On disk. */
  readonly bytes: number;
  /** Identity together with `device`: follows the file when it is sealed while it is read. */
  readonly inode: bigint;
  readonly device: bigint;
  /** Milliseconds since the epoch. For display: order is that of the seal's number. */
  readonly modifiedMs: number;
  /**
   * The same entries stand in another file, which is read instead: a `.gz` beside its source, an archived copy, or the
   * old name of a file that a crash left with both names.
   */
  readonly shadowed: boolean;
}
