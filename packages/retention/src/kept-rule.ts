import type { Candidate } from "./candidates.ts";
import { formatAge } from "./format-amount.ts";
import { ageInWords } from "./plan-draft.ts";
import type { Protection } from "./retention-plan.ts";

const reasons: Readonly<Record<Exclude<Protection, "held">, string>> = {
  live: "open in a writer or archiver",
  active: "active, and only sealed segments are archived and deleted",
  temporary: "temporary; whoever makes such files removes them",
  two_copies: "its entries stand in two files; recovery decides which one stays",
};

/** Why a candidate without a step stays. */
export function keptRuleOf(candidate: Candidate): string {
  const { protection, hold, rule, segment } = candidate;
  if (hold !== undefined) return `held by ${hold.id}: ${hold.reason}`;
  const deleted = `deleted after ${formatAge(rule.deleteAfter.value)} by ${rule.deleteAfter.source}`;
  const archived = `archived after ${formatAge(rule.archiveAfter.value)} by ${rule.archiveAfter.source}, `;
  const age = `${ageInWords(candidate)}; ${segment.state === "archived" ? "" : archived}${deleted}`;
  return protection === undefined || protection === "held" ? age : `${reasons[protection]}; ${age}`;
}
