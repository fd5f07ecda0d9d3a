import type { SegmentState } from "@waybill/log-tree";
import { containerNameOf, type Hold, type HoldLookup, lookUpHolds } from "./hold.ts";
import type { Protection, RetentionStep } from "./retention-plan.ts";
import type { RetainedSegment, RetentionState } from "./retention-state.ts";
import type { RuleLookup, SegmentRule } from "./segment-rules.ts";

/** Segments between two places where planning may pause. */
export const pieceSegments = 512;

/** A segment while a plan is being made, with copies of what is asked often: reading 75,000 segments is slow. */
export interface Candidate {
  readonly segment: RetainedSegment;
  readonly rule: SegmentRule;
  readonly state: SegmentState;
  readonly stream: string;
  /** Of its seal; an active one comes last. */
  readonly number: number;
  readonly isSystem: boolean;
  /** No sealed segment of a higher number lies in the directory of its stream. */
  isNewest: boolean;
  readonly isShadowed: boolean;
  /** Bytes that deleting it frees: 0 when its bytes are counted under another name. */
  bytes: number;
  /** Milliseconds since its last entry; undefined = unknown, negative = in the future. */
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
      else byContainer.set(container, known.concat(candidates));
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
  const lastMs = segment.lastMs ?? latestOf(name.seal?.sealedMs, segment.firstMs);
  const hold = holdOf(segment);
  return {
    segment,
    rule: rules.ofSegment(segment),
    state,
    stream,
    number: name.seal?.number ?? Number.MAX_SAFE_INTEGER,
    isSystem: kind === "system",
    isNewest: false,
    isShadowed: shadowed,
    bytes,
    ageMs: lastMs === undefined ? undefined : nowMs - lastMs,
    orderMs: lastMs ?? Number.NEGATIVE_INFINITY,
    protection: hold === undefined ? protectionOf(state, segment.isLive === true) : "held",
    hold,
    step: undefined,
  };
}

/** A seal before the first entry says that the clock was set back in between. */
function latestOf(sealedMs: number | undefined, firstMs: number | undefined): number | undefined {
  return sealedMs === undefined || firstMs === undefined ? sealedMs : Math.max(sealedMs, firstMs);
}

function protectionOf(state: SegmentState, isLive: boolean): Protection | undefined {
  if (state === "temporary" || state === "active") return state;
  return isLive ? "live" : undefined;
}

/** Sorts by number, carries the time forward, and finds the sealed segment that numbers go on behind. */
function orderStream(candidates: Candidate[]): void {
  let latestMs = Number.NEGATIVE_INFINITY;
  let lastNumber = 0;
  let isSorted = true;
  for (const { number } of candidates) {
    isSorted &&= number >= lastNumber;
    lastNumber = number;
  }
  if (!isSorted) candidates.sort((a, b) => a.number - b.number);
  let newest = 0;
  for (const candidate of candidates) {
    latestMs = Math.max(latestMs, candidate.orderMs);
    candidate.orderMs = latestMs;
    if (candidate.state === "sealed") newest = candidate.number;
  }
  for (const candidate of candidates) {
    if (candidate.number === newest && candidate.state === "sealed") candidate.isNewest = true;
  }
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
    if (candidate.state === "temporary") continue;
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
