import { type Candidate, type CandidateTable, pieceSegments } from "./candidates.ts";
import { formatAge } from "./format-amount.ts";
import { ageInWords, archiveGainOf, decide, type PlanDraft } from "./plan-draft.ts";
import type { RetentionCause } from "./retention-plan.ts";
import type { RetentionPolicy } from "./retention-policy.ts";
import type { RetentionState } from "./retention-state.ts";
import type { RuleLookup } from "./segment-rules.ts";

/** A decision that is due, before it is looked at whether it may be carried out. */
interface Due {
  readonly action: "archive" | "delete";
  readonly cause: RetentionCause;
  readonly rule: string;
}

/** Plans what is due by age and what belongs to containers that are gone, whatever the sizes are. Yields where it may pause. */
export function* planByAge(
  draft: PlanDraft,
  table: CandidateTable,
  state: RetentionState,
  policy: RetentionPolicy,
  rules: RuleLookup,
): Generator<undefined, void, undefined> {
  const gone = yield* findGone(table, state, rules);
  let seen = 0;
  for (const candidate of table.all) {
    seen += 1;
    if (seen % pieceSegments === 0) yield;
    const { protection } = candidate;
    if (protection !== undefined && protection !== "active") continue;
    const due = dueOf(candidate, gone?.get(candidate));
    if (due === undefined) continue;
    if (protection === "active") planSeal(draft, candidate, due);
    else if (due.action === "delete") {
      decide(candidate, "delete", due.cause, due.rule, candidate.bytes);
      draft.deletions.push(candidate);
    } else if (candidate.state === "sealed") {
      decide(candidate, "archive", due.cause, due.rule, archiveGainOf(candidate, policy));
      draft.archivings.push(candidate);
    }
  }
  planCopies(draft, table, gone);
}

/** An active segment is never touched; what its writer seals of it is for the next plan. An empty one has nothing. */
function planSeal(draft: PlanDraft, candidate: Candidate, due: Due): void {
  if (candidate.bytes === 0 || candidate.isShadowed) return;
  decide(candidate, "seal", due.cause, `${due.rule}; sealed first`, 0);
  draft.seals.push(candidate);
}

/** Both files of a segment go together, the one that is not read first, or neither goes. */
function planCopies(draft: PlanDraft, table: CandidateTable, gone: ReadonlyMap<Candidate, Due>): void {
  for (const group of table.copies) {
    const dues = group.map((candidate) => dueOf(candidate, gone?.get(candidate)));
    const isFree = group.every(({ protection }) => protection === "two_copies");
    if (!isFree || !dues.every((due) => due?.action === "delete")) continue;
    const ordered = [...group].sort((a, b) => Number(b.isShadowed) - Number(a.isShadowed));
    for (const candidate of ordered) {
      const due = dueOf(candidate, gone?.get(candidate));
      if (due !== undefined) decide(candidate, "delete", due.cause, due.rule, candidate.bytes);
      draft.deletions.push(candidate);
    }
  }
}

function dueOf(candidate: Candidate, gone: Due | undefined): Due | undefined {
  if (gone?.action === "delete") return gone;
  const { ageMs, rule } = candidate;
  if (ageMs !== undefined && ageMs > rule.deleteAfter.value) {
    const limit = `deleted after ${formatAge(rule.deleteAfter.value)} by ${rule.deleteAfter.source}`;
    // The directory of a container that is gone goes with its last file.
    return { action: "delete", cause: gone?.cause ?? "age", rule: `${ageInWords(candidate)}, ${limit}` };
  }
  if (gone !== undefined) return gone;
  if (ageMs === undefined || ageMs < rule.archiveAfter.value || candidate.state === "archived") {
    return undefined;
  }
  const limit = `archived after ${formatAge(rule.archiveAfter.value)} by ${rule.archiveAfter.source}`;
  return { action: "archive", cause: "age", rule: `${ageInWords(candidate)}, ${limit}` };
}

/** What is due because its container is no longer registered and its grace has passed. */
function* findGone(
  table: CandidateTable,
  state: RetentionState,
  rules: RuleLookup,
): Generator<undefined, Map<Candidate, Due>, undefined> {
  const gone = new Map<Candidate, Due>();
  const { registered } = state;
  if (registered === undefined) return gone;
  let seen = 0;
  for (const [name, candidates] of table.byContainer) {
    seen += 1;
    if (seen % pieceSegments === 0) yield;
    const [first] = candidates;
    const id = first?.segment.container;
    // An id too long for a path cannot be read back, so nobody can say that it is not registered.
    if (first === undefined || id === undefined || registered.has(id)) continue;
    const { onUnregister, graceMs, unregisterSource } = rules.ofContainer(first.segment);
    const goneMs = state.unregistered?.get(id);
    const sinceMs = goneMs === undefined ? youngestAge(candidates) : state.nowMs - goneMs;
    if (onUnregister === "keep" || sinceMs === undefined || sinceMs < graceMs) continue;
    const since = goneMs === undefined ? "last entry of the container" : "unregistered";
    const rule = `container ${name} is not registered, ${since} ${formatAge(sinceMs)} ago; ${onUnregister} after ${formatAge(graceMs)} by ${unregisterSource}`;
    const due: Due = { action: onUnregister, cause: "unregistered", rule };
    for (const candidate of candidates) {
      if (onUnregister === "delete" || candidate.state !== "archived") gone.set(candidate, due);
    }
  }
  return gone;
}

/** Undefined when nothing is known of any segment, or of the active one, which may be the newest. */
function youngestAge(candidates: readonly Candidate[]): number | undefined {
  let youngest: number | undefined;
  for (const { ageMs, bytes } of candidates) {
    if (ageMs === undefined) {
      if (bytes > 0) return undefined;
      continue;
    }
    youngest = youngest === undefined ? ageMs : Math.min(youngest, ageMs);
  }
  return youngest;
}
