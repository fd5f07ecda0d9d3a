import { encodePathPart, encodePathPartFolded } from "@waybill/log-tree";
import type { RetainedSegment } from "./retention-state.ts";

/**
 * A pin: what it covers is neither archived nor deleted, however old or large.
 *
 * All criteria that are given must fit. One without criteria covers everything.
 */
export interface Hold {
  /** Names it within its tree. */
  readonly id: string;
  /** For people: an incident, a case number. */
  readonly reason: string;
  /** Id. Covers the streams of the container itself, not the flow, correlation and master streams it appears in. */
  readonly container?: string | undefined;
  /** Covers the segments of all streams that have entries of it. */
  readonly correlationId?: string | undefined;
  /** Covers segments with entries from then on. Milliseconds since the epoch. */
  readonly fromMs?: number | undefined;
  /** Covers segments with entries up to then. Milliseconds since the epoch. */
  readonly toMs?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly createdMs: number;
  /** From then on it covers nothing. Milliseconds since the epoch. Undefined = until it is released. */
  readonly expiresMs?: number | undefined;
}

/** Finds the hold that covers a segment, if one does. */
export type HoldLookup = (segment: RetainedSegment) => Hold | undefined;

/**
 * Prepares holds for many questions.
 *
 * What is unknown counts as covered: unknown times by any range, a correlation id that was not searched for by its
 * hold.
 */
export function lookUpHolds(holds: readonly Hold[], nowMs: number): HoldLookup {
  const inForce = holds.filter(({ expiresMs }) => expiresMs === undefined || nowMs < expiresMs);
  if (inForce.length === 0) return () => undefined;
  const tests = inForce.map((hold) => ({ hold, covers: coverageOf(hold) }));
  return (segment) => tests.find(({ covers }) => covers(segment))?.hold;
}

/** Whether a hold covers a segment, its expiry aside. */
export function coverageOf(hold: Hold): (segment: RetainedSegment) => boolean {
  const { container, correlationId, fromMs, toMs } = hold;
  // The name and not the id: an id over 128 bytes cannot be read back from its directory.
  const names =
    container === undefined ? undefined : [encodePathPart(container), encodePathPartFolded(container)];
  return (segment) => {
    if (names !== undefined && !names.includes(containerNameOf(segment) ?? "")) return false;
    if (fromMs !== undefined && (segment.lastMs ?? Number.POSITIVE_INFINITY) < fromMs) return false;
    if (toMs !== undefined && (segment.firstMs ?? Number.NEGATIVE_INFINITY) > toMs) return false;
    return correlationId === undefined || segment.correlations?.get(correlationId) !== false;
  };
}

/** The directory name of a segment's container; undefined for other kinds of streams. */
export function containerNameOf({ kind, stream }: RetainedSegment): string | undefined {
  return kind === "container" ? stream.slice(stream.indexOf("/") + 1, stream.lastIndexOf("/")) : undefined;
}
