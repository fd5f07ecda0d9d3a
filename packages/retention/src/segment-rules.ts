import { type Level, levels, severityOf } from "@waybill/protocols";
import { fitsGlob } from "./container-glob.ts";
import { containerNameOf } from "./hold.ts";
import type { NamedOverride, OverrideMatch, RetentionPolicy, UnregisterAction } from "./retention-policy.ts";
import type { RetainedSegment } from "./retention-state.ts";

/** A limit and where it comes from, for the rule that stands beside each decision. */
export interface SourcedLimit {
  /** Milliseconds or bytes; `Infinity` = none. */
  readonly value: number;
  /** `the general limit`, or the label of an override. */
  readonly source: string;
}

/** How long a segment is kept. */
export interface SegmentRule {
  readonly archiveAfter: SourcedLimit;
  readonly deleteAfter: SourcedLimit;
}

/** What holds for a container as a whole. */
export interface ContainerRule {
  readonly quota: SourcedLimit;
  readonly onUnregister: UnregisterAction;
  readonly graceMs: number;
  /** Where `onUnregister` comes from. */
  readonly unregisterSource: string;
}

/** The limits of segments and containers. */
export interface RuleLookup {
  ofSegment(segment: RetainedSegment): SegmentRule;
  /** @param segment - any of the container's. */
  ofContainer(segment: RetainedSegment): ContainerRule;
}

const general = "the general limit";
const hourMs = 3_600_000;

/** Whoever makes a temporary file writes to it all the while, and removes it when that fails. */
const temporaryRule: SegmentRule = {
  archiveAfter: { value: Number.POSITIVE_INFINITY, source: "the limit of temporary files" },
  deleteAfter: { value: hourMs, source: "the limit of temporary files" },
};

/** Prepares a policy for many questions: each stream is resolved once per level. */
export function lookUpRules(policy: RetentionPolicy): RuleLookup {
  const hasLevels = policy.overrides.some(
    ({ match }) => match.minLevel !== undefined || match.maxLevel !== undefined,
  );
  const known = new Map<string, SegmentRule>();
  // Segments mostly come stream by stream, and most streams keep their level.
  let last:
    | { stream: string; level: Level | undefined; type: string | undefined; rule: SegmentRule }
    | undefined;
  const ofSegment = (segment: RetainedSegment): SegmentRule => {
    if (segment.state === "temporary") return temporaryRule;
    // Never read, so that it has no level.
    if (segment.state === "aside") return resolveAtLevel(policy, segment, undefined);
    const { stream, containerType: type } = segment;
    const level = hasLevels ? segment.maxLevel : undefined;
    if (last?.stream === stream && last.level === level && last.type === type) return last.rule;
    const key = `${stream} ${level ?? ""} ${type ?? ""}`;
    const rule = known.get(key) ?? resolveSegment(policy, segment, hasLevels);
    known.set(key, rule);
    last = { stream, level, type, rule };
    return rule;
  };
  return { ofSegment, ofContainer: (segment) => resolveContainer(policy, segment) };
}

function resolveSegment(policy: RetentionPolicy, segment: RetainedSegment, hasLevels: boolean): SegmentRule {
  const { maxLevel } = segment;
  if (!hasLevels || maxLevel !== undefined) return resolveAtLevel(policy, segment, maxLevel);
  // Nobody knows the level: for each limit the longest that any level would have.
  return levels
    .map((level) => resolveAtLevel(policy, segment, level))
    .reduce((a, b) => ({
      archiveAfter: longer(a.archiveAfter, b.archiveAfter),
      deleteAfter: longer(a.deleteAfter, b.deleteAfter),
    }));
}

function longer(a: SourcedLimit, b: SourcedLimit): SourcedLimit {
  return b.value > a.value ? b : a;
}

function resolveAtLevel(
  policy: RetentionPolicy,
  segment: RetainedSegment,
  level: Level | undefined,
): SegmentRule {
  let archiveAfter: SourcedLimit = { value: policy.archiveAfterMs, source: general };
  let deleteAfter: SourcedLimit = { value: policy.deleteAfterMs, source: general };
  for (const override of policy.overrides) {
    if (!fits(override.match, segment, level)) continue;
    const { archiveAfterMs, deleteAfterMs, label } = override;
    if (archiveAfterMs !== undefined) archiveAfter = { value: archiveAfterMs, source: label };
    if (deleteAfterMs !== undefined) deleteAfter = { value: deleteAfterMs, source: label };
  }
  return { archiveAfter, deleteAfter };
}

function resolveContainer(policy: RetentionPolicy, segment: RetainedSegment): ContainerRule {
  const fitting = policy.overrides.filter(({ match }) => fits(match, segment, undefined)).toReversed();
  const last = (isSet: (override: NamedOverride) => boolean): NamedOverride | undefined =>
    fitting.find(isSet);
  const quota = last((override) => override.maxContainerBytes !== undefined);
  const unregister = last((override) => override.onUnregister !== undefined);
  const grace = last((override) => override.unregisterGraceMs !== undefined);
  return {
    quota: { value: quota?.maxContainerBytes ?? policy.maxContainerBytes, source: quota?.label ?? general },
    onUnregister: unregister?.onUnregister ?? policy.onUnregister,
    graceMs: grace?.unregisterGraceMs ?? policy.unregisterGraceMs,
    unregisterSource: unregister?.label ?? general,
  };
}

function fits(match: OverrideMatch, segment: RetainedSegment, level: Level | undefined): boolean {
  const { kind, container, containerType, tier, prefix, minLevel, maxLevel } = match;
  if (kind !== undefined && kind !== segment.kind) return false;
  if (containerType !== undefined && containerType !== segment.containerType) return false;
  if (tier !== undefined && tier !== segment.tier) return false;
  if (prefix !== undefined && prefix !== segment.prefix) return false;
  if (container !== undefined && !fitsContainer(container, segment)) return false;
  return fitsLevels(minLevel, maxLevel, level);
}

/** The beginning of an id over 128 bytes is still read in the name of its directory. */
function fitsContainer(pattern: string, segment: RetainedSegment): boolean {
  const text = segment.container ?? containerNameOf(segment);
  return text !== undefined && fitsGlob(pattern, text);
}

function fitsLevels(min: Level | undefined, max: Level | undefined, level: Level | undefined): boolean {
  if (min === undefined && max === undefined) return true;
  if (level === undefined) return false;
  const severity = severityOf[level];
  return severity >= severityOf[min ?? "TRACE"] && severity <= severityOf[max ?? "CRITICAL"];
}
