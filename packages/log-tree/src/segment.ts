import type { SegmentLocation } from "./tree-layout.ts";

/**
 * The state of a segment's file.
 * - `active`: being written.
 * - `sealed`: immutable, in its place.
 * - `archived`: compressed and moved below `archived/`.
 * - `temporary`: `.part`, being made or left behind by a crash; no reader takes it.
 */
export type SegmentState = "active" | "sealed" | "archived" | "temporary";

/** One segment file as it was found. */
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
