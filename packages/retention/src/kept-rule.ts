import type { Candidate } from "./candidates.ts";
import { formatAge } from "./format-amount.ts";
import { ageInWords } from "./plan-draft.ts";
import type { Protection } from "./retention-plan.ts";

const reasons: Readonly<Record<Exclude<Protection, "held" | "refused">, string>> = {
  live: "open in a writer or archiver",
  active: "active, and only sealed segments are archived and deleted",
  temporary: "temporary, and somebody may be making it",
  two_copies: "its entries stand in two files; recovery decides which one stays",
};

/** Why a candidate without a step stays. */
export function keptRuleOf(candidate: Candidate): string {
  const { protection, hold, rule, segment } = candidate;
  if (hold !== undefined) return `held by ${hold.id}: ${hold.reason}`;
  const deleted = `deleted after ${formatAge(rule.deleteAfter.value)} by ${rule.deleteAfter.source}`;
  const archived = `archived after ${formatAge(rule.archiveAfter.value)} by ${rule.archiveAfter.source}, `;
  const isArchivable = segment.state === "sealed" || segment.state === "active";
  const age = `${ageInWords(candidate)}; ${isArchivable ? archived : ""}${deleted}`;
  if (protection === "refused") {
    const failed = segment.state === "active" ? "cannot be sealed" : "could not be deleted by a run before";
    return `${failed} (${segment.refusal}); ${age}`;
  }
  return protection === undefined || protection === "held" ? age : `${reasons[protection]}; ${age}`;
}
