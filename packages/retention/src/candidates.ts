import { isLogFile, type SegmentState } from "@waybill/log-tree";
import { containerNameOf, type Hold, type HoldLookup, lookUpHolds } from "./hold.ts";
import type { Protection, RetentionStep } from "./retention-plan.ts";
import type { RetainedSegment, RetentionState } from "./retention-state.ts";
import type { RuleLookup, SegmentRule } from "./segment-rules.ts";

/** Segments, or containers, between two places where planning may pause: few, for each may ask thousands of overrides. */
export const pieceSegments = 64;

/** A segment while a plan is being made, with copies of what is asked often: reading 75,000 segments is slow. */
export interface Candidate {
  readonly segment: RetainedSegment;
  readonly rule: SegmentRule;
  readonly state: SegmentState;
  readonly stream: string;
  /** Of its seal; an active one comes last. */
  readonly number: number;
  readonly isSystem: boolean;
  /** Its writer goes on behind it: no sealed segment of a higher number that is known to have entries lies there. */
  isNewest: boolean;
  readonly isShadowed: boolean;
  /** Bytes that deleting it frees: 0 when its bytes are counted under another name. */
  bytes: number;
  /** Milliseconds since its last entry, or what stands in for it; undefined = unknown, negative = in the future. */
  readonly ageMs: number | undefined;
  /**
   * Time for the order of eviction: never earlier than that of an older segment of its stream, so that the order of
   * a stream is that of its numbers, whatever the clock did.
   */
  orderMs: number;
  protection: Protection | undefined;
  /** The hold, when `protection` is `held`. */
  readonly hold: Hold | undefined;
  step: RetentionStep | undefined;
}

/** All segments of a state as candidates. */
export interface CandidateTable {
  readonly all: readonly Candidate[];
  /** By the directory name of their container; `container` streams only. */
  readonly byContainer: ReadonlyMap<string, readonly Candidate[]>;
  /** Groups of candidates with the same entries. */
  readonly copies: readonly (readonly Candidate[])[];
  /** Of the segments; a file with two names counts once. */
  readonly bytes: number;
}

/** Looks at every segment once: its rule, its age, and what forbids to touch it. Yields where it may pause. */
export function* tabulate(
  state: RetentionState,
  rules: RuleLookup,
): Generator<undefined, CandidateTable, undefined> {
  const holdOf = lookUpHolds(state.holds, state.nowMs);
  const streams = new Map<string, Candidate[]>();
  const all: Candidate[] = [];
  let current: { readonly name: string; readonly candidates: Candidate[] } | undefined;
  for (const segment of state.segments) {
    const candidate = candidateOf(segment, state.nowMs, rules, holdOf);
    all.push(candidate);
    if (current?.name !== candidate.stream) {
      const candidates = streams.get(candidate.stream) ?? [];
      current = { name: candidate.stream, candidates };
      streams.set(candidate.stream, candidates);
    }
    current.candidates.push(candidate);
    if (all.length % pieceSegments === 0) yield;
  }
  const byContainer = new Map<string, Candidate[]>();
  let seen = 0;
  for (const candidates of streams.values()) {
    orderStream(candidates);
    const [first] = candidates;
    const container = first && containerNameOf(first.segment);
    if (container !== undefined) {
      const known = byContainer.get(container);
      if (known === undefined) byContainer.set(container, candidates);
      else for (const candidate of candidates) known.push(candidate);
    }
    seen += candidates.length;
    if (seen > pieceSegments) {
      seen = 0;
      yield;
    }
  }
  yield;
  const shadowed = all.filter(({ isShadowed }) => isShadowed);
  const copies = shadowed.length === 0 ? [] : findCopies(all, shadowed);
  return { all, byContainer, copies, bytes: all.reduce((sum, { bytes }) => sum + bytes, 0) };
}

function candidateOf(
  segment: RetainedSegment,
  nowMs: number,
  rules: RuleLookup,
  holdOf: HoldLookup,
): Candidate {
  const { state, stream, kind, bytes, shadowed, name } = segment;
  const rule = rules.ofSegment(segment);
  const lastMs = lastMsOf(segment);
  const ageMs = lastMs === undefined ? undefined : nowMs - lastMs;
  const isMade = state === "temporary" && !(ageMs !== undefined && ageMs > rule.deleteAfter.value);
  const hold = holdOf(segment);
  return {
    segment,
    rule,
    state,
    stream,
    number: name.seal?.number ?? Number.MAX_SAFE_INTEGER,
    isSystem: kind === "system",
    isNewest: false,
    isShadowed: shadowed,
    bytes,
    ageMs,
    orderMs: lastMs ?? Number.NEGATIVE_INFINITY,
    protection: hold === undefined ? protectionOf(segment, isMade) : "held",
    hold,
    step: undefined,
  };
}

/** What age is counted from. */
function lastMsOf({ state, name, lastMs, firstMs, modifiedMs }: RetainedSegment): number | undefined {
  if (state === "temporary") return modifiedMs;
  return name.aside?.setAsideMs ?? lastMs ?? latestOf(name.seal?.sealedMs, firstMs);
}

/** A seal before the first entry says that the clock was set back in between. */
function latestOf(sealedMs: number | undefined, firstMs: number | undefined): number | undefined {
  return sealedMs === undefined || firstMs === undefined ? sealedMs : Math.max(sealedMs, firstMs);
}

/** @param isMade - whether it is a temporary file that somebody may be writing. */
function protectionOf({ state, isLive, refusal }: RetainedSegment, isMade: boolean): Protection | undefined {
  if (isMade) return "temporary";
  if (state === "active") return refusal === undefined ? state : "refused";
  if (isLive === true) return "live";
  return refusal === undefined ? undefined : "refused";
}

/** Sorts by number, carries the time forward, and finds the sealed segments that numbers go on behind. */
function orderStream(candidates: Candidate[]): void {
  let latestMs = Number.NEGATIVE_INFINITY;
  let lastNumber = 0;
  let isSorted = true;
  for (const { number } of candidates) {
    isSorted &&= number >= lastNumber;
    lastNumber = number;
  }
  if (!isSorted) candidates.sort((a, b) => a.number - b.number);
  for (const candidate of candidates) {
    // No part of the stream, and so of its order.
    if (!isLogFile(candidate)) continue;
    latestMs = Math.max(latestMs, candidate.orderMs);
    candidate.orderMs = latestMs;
  }
  let newest = 0;
  for (let at = candidates.length - 1; at >= 0; at--) {
    const candidate = candidates[at];
    if (candidate?.state !== "sealed") continue;
    if (candidate.number < newest) break;
    candidate.isNewest = true;
    // One without an entry has no `seq`: that of the one before it counts too.
    if (hasEntries(candidate)) newest = candidate.number;
  }
}

/** Whether its owner found an entry in it; an empty or damaged one has none, as far as anybody knows. */
function hasEntries({ segment }: Candidate): boolean {
  return segment.bytes > 0 && (segment.firstMs !== undefined || segment.lastMs !== undefined);
}

/**
 * Finds segments that stand in two files. They are neither archived nor chosen to make room: one of the files may be
 * a copy that is not verified yet. A file with two names (a crash between `link` and `unlink`) counts once.
 */
function findCopies(all: readonly Candidate[], shadowed: readonly Candidate[]): Candidate[][] {
  const keyOf = ({ stream, segment }: Candidate): string =>
    `${stream} ${segment.name.seal?.number} ${segment.name.seal?.sealedMs}`;
  const fileOf = ({ segment }: Candidate): string => `${segment.device}:${segment.inode}`;
  const keys = new Set(shadowed.filter(({ state }) => state !== "active").map(keyOf));
  const files = new Map(shadowed.map((candidate) => [fileOf(candidate), candidate]));
  const groups = new Map<string, Candidate[]>();
  for (const candidate of all) {
    if (!isLogFile(candidate)) continue;
    const other = candidate.isShadowed ? undefined : files.get(fileOf(candidate));
    if (other !== undefined) {
      other.bytes = 0;
      candidate.protection ??= "two_copies";
    }
    const key = candidate.state === "active" ? undefined : keyOf(candidate);
    if (key === undefined || !keys.has(key)) continue;
    candidate.protection ??= "two_copies";
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(candidate);
  }
  return [...groups.values()];
}
