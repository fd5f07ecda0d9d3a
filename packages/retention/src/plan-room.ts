import type { SegmentState } from "@waybill/log-tree";
import { type Candidate, pieceSegments } from "./candidates.ts";
import { oldestFirst } from "./oldest-first.ts";
import { decide, gainOf, type PlanDraft } from "./plan-draft.ts";
import type { BlockedBytes, UnmetLimit } from "./retention-plan.ts";

/** A size that is exceeded. */
export interface Shortage {
  readonly cause: UnmetLimit["limit"];
  /** Directory name, for `container_quota`. */
  readonly container: string | undefined;
  /** Bytes to free so that the limit is kept. */
  readonly missing: number;
  /** Bytes to free so that it is not exceeded again at once; at least `missing`. */
  readonly wanted: number;
  /** In words, with its numbers and where they come from. */
  readonly rule: string;
  /** Whether bytes that planned archiving frees were counted on. */
  readonly countsArchiving: boolean;
}

/** What is still to be freed, while it is planned. */
interface Need {
  missing: number;
  wanted: number;
}

type Pausing<T> = Generator<undefined, T, undefined>;

const expendable: readonly SegmentState[] = ["archived", "aside"];

/**
 * Chooses what makes room, in this order, each from the oldest to the newest:
 *
 * 1. archived segments, and among them what writers have set aside: no log is lost with it, and whoever is to look at
 *    it has as long as the oldest logs are kept,
 * 2. sealed segments,
 * 3. if the limit itself is still exceeded: the biggest active segments are sealed, for the next plan to delete, as many
 *    as are wanted,
 * 4. and if those would not do: archived and then sealed segments of `system/`, and its active ones.
 *
 * Yields where it may pause.
 *
 * @returns what cannot be reached, if anything.
 */
export function* planRoom(
  draft: PlanDraft,
  candidates: readonly Candidate[],
  shortage: Shortage,
): Pausing<UnmetLimit | undefined> {
  const need: Need = { missing: shortage.missing, wanted: shortage.wanted };
  const evict = (isSystem: boolean, states: readonly SegmentState[], order: string): Pausing<void> => {
    const open = candidates.filter(
      (each) => each.isSystem === isSystem && states.includes(each.state) && isFree(each),
    );
    return planEvictions(draft, open, shortage, need, `${shortage.rule}; ${order}`, isSystem);
  };
  yield* evict(false, expendable, "oldest archived segments first");
  yield;
  yield* evict(false, ["sealed"], "then the oldest sealed segments");
  if (need.missing <= 0) return undefined;
  yield;
  const active = candidates.filter(isSealable);
  const general = active.filter((each) => !each.isSystem);
  // As far as is wanted: where active segments take more than that, one at a time would be sealed with every run.
  const sealed = planSeals(draft, general, shortage, need.wanted);
  if (sealed < need.missing) {
    yield* evict(true, expendable, "then archived segments of system/");
    yield* evict(true, ["sealed"], "then sealed segments of system/");
    const system = active.filter((each) => each.isSystem);
    if (sealed < need.missing) planSeals(draft, system, shortage, need.missing - sealed);
  }
  return need.missing <= 0 ? undefined : unmetOf(shortage, candidates, need.missing);
}

/** Those of `system/` go only as far as the limit itself demands. */
function* planEvictions(
  draft: PlanDraft,
  open: Candidate[],
  shortage: Shortage,
  need: Need,
  rule: string,
  isSystem: boolean,
): Pausing<void> {
  const isEnough = (): boolean => (isSystem ? need.missing : need.wanted) <= 0;
  if (isEnough()) return;
  let taken = 0;
  for (const candidate of oldestFirst(open)) {
    const freed = shortage.countsArchiving ? gainOf(candidate) : candidate.bytes;
    decide(candidate, "delete", shortage.cause, rule, candidate.bytes);
    draft.evictions.push(candidate);
    need.missing -= freed;
    need.wanted -= freed;
    if (isEnough()) return;
    taken += 1;
    if (taken % pieceSegments === 0) yield;
  }
}

/** @returns bytes that the next plan can free. */
function planSeals(
  draft: PlanDraft,
  active: readonly Candidate[],
  shortage: Shortage,
  missing: number,
): number {
  let sealed = 0;
  for (const candidate of [...active].sort((a, b) => b.bytes - a.bytes)) {
    if (sealed >= missing) break;
    sealed += candidate.bytes;
    if (candidate.step !== undefined) continue;
    const rule = `${shortage.rule}; then the biggest active segments are sealed`;
    decide(candidate, "seal", shortage.cause, rule, 0);
    draft.seals.push(candidate);
  }
  return sealed;
}

function isFree({ protection, step, bytes }: Candidate): boolean {
  return protection === undefined && step?.action !== "delete" && bytes > 0;
}

function isSealable({ isShadowed, protection, bytes }: Candidate): boolean {
  return protection === "active" && !isShadowed && bytes > 0;
}

function unmetOf(shortage: Shortage, candidates: readonly Candidate[], missingBytes: number): UnmetLimit {
  const blocked = new Map<BlockedBytes["by"], { segments: number; bytes: number }>();
  for (const { protection, step, bytes } of candidates) {
    const by = step?.action === "seal" ? "sealing" : protection;
    if (by === undefined || step?.action === "delete" || bytes === 0) continue;
    const sum = blocked.get(by) ?? { segments: 0, bytes: 0 };
    blocked.set(by, { segments: sum.segments + 1, bytes: sum.bytes + bytes });
  }
  return {
    limit: shortage.cause,
    container: shortage.container,
    missingBytes,
    blocked: [...blocked].map(([by, sum]) => ({ by, ...sum })).sort((a, b) => b.bytes - a.bytes),
  };
}
