import { setImmediate as nextTurn } from "node:timers/promises";
import { type Candidate, type CandidateTable, pieceSegments, tabulate } from "./candidates.ts";
import { formatBytes } from "./format-amount.ts";
import { keptRuleOf } from "./kept-rule.ts";
import { planByAge } from "./plan-by-age.ts";
import { createPlanDraft, type PlanDraft } from "./plan-draft.ts";
import { planRoom, type Shortage } from "./plan-room.ts";
import type { RetentionPlan, RetentionStep, UnmetLimit } from "./retention-plan.ts";
import type { RetentionPolicy } from "./retention-policy.ts";
import type { RetentionState } from "./retention-state.ts";
import { lookUpRules, type RuleLookup } from "./segment-rules.ts";

const sliceMs = 8;

/** Options of {@link planRetention}. */
export interface PlanRetentionOptions {
  /** Whether `kept` lists all that stays, with its reason. Costs time and memory in a large tree. Default false. */
  readonly listKept?: boolean;
}

/**
 * Decides what to seal, archive and delete. Pure: the same state and policy give the same plan, and nothing happens.
 *
 * Age comes first, then the quotas of containers, then the size of the tree and the free space. Nothing that a hold
 * covers, that is active or that a writer has open is ever archived or deleted; nothing that is not due goes, except
 * to make room, in the order of archived, sealed, biggest active (sealed first, for the next plan), `system/` last.
 * An earlier clock never adds a deletion by age.
 *
 * Planned archiving is counted on to make room for the quotas and the total, not for the free space of the disk,
 * which it takes first. So plan again after applying when a limit was exceeded.
 */
export function planRetention(
  state: RetentionState,
  policy: RetentionPolicy,
  options: PlanRetentionOptions = {},
): RetentionPlan {
  const planning = planStepwise(state, policy, options);
  for (;;) {
    const turn = planning.next();
    if (turn.done === true) return turn.value;
  }
}

/**
 * The same plan, made in slices of 8 ms between which the event loop turns: for trees of many thousand segments.
 *
 * @param options.signal - ends it before the next slice.
 * @throws the reason of the signal (as a rejection).
 */
export async function planRetentionInSlices(
  state: RetentionState,
  policy: RetentionPolicy,
  options: PlanRetentionOptions & { readonly signal?: AbortSignal | undefined } = {},
): Promise<RetentionPlan> {
  const planning = planStepwise(state, policy, options);
  let sliceStartMs = performance.now();
  for (;;) {
    const turn = planning.next();
    if (turn.done === true) return turn.value;
    if (performance.now() - sliceStartMs < sliceMs) continue;
    await nextTurn();
    options.signal?.throwIfAborted();
    sliceStartMs = performance.now();
  }
}

function* planStepwise(
  state: RetentionState,
  policy: RetentionPolicy,
  { listKept = false }: PlanRetentionOptions,
): Generator<undefined, RetentionPlan, undefined> {
  const rules = lookUpRules(policy);
  const table = yield* tabulate(state, rules);
  const draft = createPlanDraft();
  yield* planByAge(draft, table, state, policy, rules);
  const unmet: UnmetLimit[] = [];
  let seen = 0;
  for (const [container, candidates] of table.byContainer) {
    seen += 1;
    if (seen % pieceSegments === 0) yield;
    const shortage = quotaShortage(container, candidates, policy, rules);
    if (shortage === undefined) continue;
    const left = yield* planRoom(draft, candidates, shortage);
    if (left !== undefined) unmet.push(left);
    yield;
  }
  const before = table.bytes + state.otherBytes;
  const tooLarge = totalShortage(before, draft, policy);
  const overTotal = tooLarge && (yield* planRoom(draft, table.all, tooLarge));
  if (overTotal !== undefined) unmet.push(overTotal);
  yield;
  const tooFull = freeShortage(draft, state, policy);
  const underFree = tooFull && (yield* planRoom(draft, table.all, tooFull));
  if (underFree !== undefined) unmet.push(underFree);
  yield;
  const steps = yield* stepsOf(draft);
  return finish(steps, table, state, before, unmet, listKept);
}

function freedBy(candidates: readonly Candidate[]): number {
  return candidates.reduce((sum, { step }) => sum + (step?.bytesFreed ?? 0), 0);
}

function quotaShortage(
  container: string,
  candidates: readonly Candidate[],
  policy: RetentionPolicy,
  rules: RuleLookup,
): Shortage | undefined {
  const [first] = candidates;
  if (first === undefined) return undefined;
  const { quota } = rules.ofContainer(first.segment);
  const bytes = candidates.reduce((sum, candidate) => sum + candidate.bytes, 0);
  const room = roomFor(bytes - freedBy(candidates), quota.value, policy);
  return (
    room && {
      cause: "container_quota",
      container,
      ...room,
      rule: `container ${container} takes ${formatBytes(bytes)}, over ${formatBytes(quota.value)} by ${quota.source}`,
      countsArchiving: true,
    }
  );
}

function totalShortage(
  before: number,
  { deletions, evictions, archivings }: PlanDraft,
  policy: RetentionPolicy,
): Shortage | undefined {
  const archiving = archivings.filter(({ step }) => step?.action === "archive");
  const left = before - freedBy(deletions) - freedBy(evictions) - freedBy(archiving);
  const room = roomFor(left, policy.maxTotalBytes, policy);
  return (
    room && {
      cause: "total_size",
      container: undefined,
      ...room,
      rule: `the tree takes ${formatBytes(before)}, over ${formatBytes(policy.maxTotalBytes)}`,
      countsArchiving: true,
    }
  );
}

/** Undefined when what is due anyway keeps the limit. */
function roomFor(
  left: number,
  limit: number,
  { evictToPercent }: RetentionPolicy,
): Pick<Shortage, "missing" | "wanted"> | undefined {
  if (left <= limit) return undefined;
  return { missing: left - limit, wanted: left - (limit * evictToPercent) / 100 };
}

function freeShortage(
  { deletions, evictions }: PlanDraft,
  { freeBytes, capacityBytes = 0 }: RetentionState,
  policy: RetentionPolicy,
): Shortage | undefined {
  const needed = Math.max(policy.minFreeBytes, (capacityBytes * policy.minFreePercent) / 100);
  if (freeBytes === undefined) return undefined;
  const missing = needed - freeBytes - freedBy(deletions) - freedBy(evictions);
  if (missing <= 0) return undefined;
  return {
    cause: "free_space",
    container: undefined,
    missing,
    wanted: missing + (needed * (100 - policy.evictToPercent)) / 100,
    rule: `the disk has ${formatBytes(freeBytes)} free, ${formatBytes(needed)} must be`,
    countsArchiving: false,
  };
}

/** Deletions by age, deletions for room, seals, and what is still to be archived. */
function* stepsOf(draft: PlanDraft): Generator<undefined, RetentionStep[], undefined> {
  const steps: RetentionStep[] = [];
  for (const candidates of [draft.deletions, draft.evictions, draft.seals, draft.archivings]) {
    const isArchiving = candidates === draft.archivings;
    for (const { step } of candidates) {
      if (step !== undefined && !(isArchiving && step.action !== "archive")) steps.push(step);
    }
    yield;
  }
  return steps;
}

function finish(
  steps: readonly RetentionStep[],
  table: CandidateTable,
  state: RetentionState,
  before: number,
  unmet: readonly UnmetLimit[],
  listKept: boolean,
): RetentionPlan {
  const freed = steps.reduce((sum, step) => sum + step.bytesFreed, 0);
  const { freeBytes } = state;
  return {
    plannedMs: state.nowMs,
    steps,
    kept: listKept ? listStaying(table) : [],
    before: { bytes: before, segments: table.all.length, freeBytes },
    after: {
      bytes: before - freed,
      segments: table.all.length - steps.filter(({ action }) => action === "delete").length,
      freeBytes: freeBytes === undefined ? undefined : freeBytes + freed,
    },
    unmet,
  };
}

function listStaying(table: CandidateTable): RetentionPlan["kept"] {
  return table.all
    .filter(({ step }) => step === undefined)
    .map((candidate) => ({
      segment: candidate.segment,
      protection: candidate.protection,
      rule: keptRuleOf(candidate),
    }));
}
