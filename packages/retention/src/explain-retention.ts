import { formatBytes } from "./format-amount.ts";
import type { RetentionPlan, RetentionTotals, UnmetLimit } from "./retention-plan.ts";
import type { RetainedSegment } from "./retention-state.ts";

const limitNames: Readonly<Record<UnmetLimit["limit"], string>> = {
  container_quota: "the quota of container",
  total_size: "the size of the tree",
  free_space: "the free space of the disk",
};

/**
 * A plan in words, one line per decision: steps in their order, then what stays (if it was listed), what cannot be
 * reached, and the totals. Names come from paths, which are ASCII; reasons of holds are written as in JSON.
 */
export function explainRetention(plan: RetentionPlan): string[] {
  const steps = plan.steps.map(({ action, segment, rule, bytesFreed }) => {
    const freed = bytesFreed > 0 ? `${action === "archive" ? "about " : ""}${formatBytes(bytesFreed)}` : "-";
    return `${action.padEnd(7)}  ${freed.padStart(14)}  ${nameOf(segment)}  ${clean(rule)}`;
  });
  const kept = plan.kept.map(
    ({ segment, rule }) =>
      `keep     ${formatBytes(segment.bytes).padStart(14)}  ${nameOf(segment)}  ${clean(rule)}`,
  );
  return [...steps, ...kept, ...plan.unmet.map(unmetLine), totalLine(plan.before, plan.after)];
}

function nameOf({ path, stream, state }: RetainedSegment): string {
  const file = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  const directory = stream.includes("/") ? `${stream.slice(0, stream.lastIndexOf("/"))}/` : "";
  return `${directory}${file}${state === "archived" ? " (archived)" : ""}`;
}

/** A reason is free text: escape what would move the cursor or start a line of its own. */
function clean(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}

function unmetLine({ limit, container, missingBytes, blocked }: UnmetLimit): string {
  const name = `${limitNames[limit]}${container === undefined ? "" : ` ${container}`}`;
  const causes = blocked.map(
    ({ by, segments, bytes }) => `${formatBytes(bytes)} in ${segments} ${by.replace("_", " ")}`,
  );
  const because = causes.length === 0 ? "nothing is left to delete" : causes.join(", ");
  return `unmet    ${formatBytes(missingBytes).padStart(14)}  ${name}: ${because}`;
}

function totalLine(before: RetentionTotals, after: RetentionTotals): string {
  const free =
    before.freeBytes === undefined || after.freeBytes === undefined
      ? ""
      : `; disk free ${formatBytes(before.freeBytes)}, then ${formatBytes(after.freeBytes)}`;
  return `total    ${formatBytes(before.bytes)} in ${before.segments} files, then ${formatBytes(after.bytes)} in ${after.segments}${free}`;
}
