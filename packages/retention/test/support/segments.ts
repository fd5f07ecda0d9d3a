import * as path from "node:path";
import { createTreeLayout, formatStamp, type SegmentState, type StreamAddress } from "@waybill/log-tree";
import { type RetainedSegment, retainedSegmentOf } from "../../src/index.ts";

/** Where the segments of pure tests would lie. */
const root = path.resolve("/logs");
const layout = createTreeLayout(root);

const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
/** 2026-06-01T00:00:00.000Z */
export const nowMs = Date.UTC(2026, 5, 1);

/** What a test says of a segment; all else has a plain value. */
export interface SegmentFacts
  extends Partial<Pick<RetainedSegment, "isLive" | "refusal" | "maxLevel" | "shadowed">> {
  readonly address?: StreamAddress;
  readonly state?: SegmentState;
  /** Default 1. */
  readonly number?: number;
  /**
   * Of the last entry; the first is an hour older. Default 1 hour. `undefined` = unknown. Of a temporary file since it was
   * written, of what was set aside since then.
   */
  readonly ageMs?: number | undefined;
  /** Default: that of the last entry. */
  readonly sealedMs?: number;
  /** Default 1000. */
  readonly bytes?: number;
  readonly compressed?: boolean;
  readonly inode?: bigint;
  readonly containerType?: string;
  readonly correlations?: ReadonlyMap<string, boolean>;
}

let inodes = 0n;

/** A component of a container. */
export function component(container = "a", name = "main"): StreamAddress {
  return { kind: "container", container, component: name };
}

/** A segment as an owner of a tree tells it. */
export function segmentOf(facts: SegmentFacts = {}): RetainedSegment {
  const { address = component(), state = "sealed", number = 1, bytes = 1000, compressed = false } = facts;
  const ageMs = "ageMs" in facts ? facts.ageMs : hourMs;
  const agedMs = ageMs === undefined ? undefined : nowMs - ageMs;
  const lastMs = state === "temporary" || state === "aside" ? undefined : agedMs;
  const seal = { sealedMs: facts.sealedMs ?? lastMs ?? nowMs, number };
  const sealed = layout.sealedFile(address, seal, compressed || state === "temporary");
  const files = {
    active: layout.activeFile(address),
    sealed,
    archived: layout.archivedFile(address, seal),
    temporary: `${sealed}.part`,
    aside: layout.activeFile(address).replace(/log$/, `${formatStamp(agedMs ?? nowMs)}.quarantine`),
  };
  const location = layout.locate(files[state]);
  if (location === undefined) throw new Error(`no segment lies at ${files[state]}`);
  inodes += 1n;
  const segment = {
    ...location,
    path: files[state],
    state,
    bytes,
    inode: facts.inode ?? inodes,
    device: 1n,
    modifiedMs: state === "temporary" ? (agedMs ?? nowMs) : nowMs,
    shadowed: facts.shadowed ?? false,
  };
  return retainedSegmentOf(segment, {
    firstMs: lastMs === undefined ? undefined : lastMs - hourMs,
    lastMs,
    isLive: facts.isLive,
    refusal: facts.refusal,
    maxLevel: facts.maxLevel,
    containerType: facts.containerType,
    correlations: facts.correlations,
  });
}
