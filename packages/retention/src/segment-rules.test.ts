import { describe, expect, it } from "vitest";
import { component, dayMs, segmentOf } from "../test/support/segments.ts";
import { resolveRetentionPolicy } from "./resolve-policy.ts";
import type { RetentionOverride } from "./retention-policy.ts";
import { lookUpRules } from "./segment-rules.ts";

const rulesOf = (...overrides: RetentionOverride[]) => lookUpRules(resolveRetentionPolicy({ overrides }));
const daysOf = (segment: ReturnType<typeof segmentOf>, ...overrides: RetentionOverride[]): number =>
  rulesOf(...overrides).ofSegment(segment).deleteAfter.value / dayMs;

describe("the default limits", () => {
  it.each([
    ["a component", component(), 30],
    ["the master stream", { kind: "master" }, 30],
    ["a system stream", { kind: "system", component: "coordinator" }, 30],
    ["tier fast", { kind: "flow", coordinator: "main", tier: "fast" }, 7],
    ["tier standard", { kind: "flow", coordinator: "main", tier: "standard" }, 30],
    ["tier reliable", { kind: "flow", coordinator: "main", tier: "reliable" }, 90],
    ["error correlations", { kind: "correlation", prefix: "error" }, 90],
    ["trade correlations", { kind: "correlation", prefix: "trade" }, 30],
  ] as const)("of %s", (_, address, days) => {
    expect(daysOf(segmentOf({ address }))).toBe(days);
  });
});

describe("an override", () => {
  const twice = { deleteAfterMs: 60 * dayMs };

  it.each<[string, RetentionOverride, Parameters<typeof segmentOf>[0], number]>([
    ["of a kind", { match: { kind: "master" }, ...twice }, { address: { kind: "master" } }, 60],
    ["of another kind", { match: { kind: "flow" }, ...twice }, {}, 30],
    [
      "of containers",
      { match: { container: "strategy_*" }, ...twice },
      { address: component("strategy_1") },
      60,
    ],
    [
      "of other containers",
      { match: { container: "risk_*" }, ...twice },
      { address: component("strategy_1") },
      30,
    ],
    [
      "of containers with an id too long for a path",
      { match: { container: "strategy_*" }, ...twice },
      { address: component(`strategy_${"x".repeat(300)}`) },
      60,
    ],
    ["of a type", { match: { containerType: "data" }, ...twice }, { containerType: "data" }, 60],
    ["of a type that nobody knows", { match: { containerType: "data" }, ...twice }, {}, 30],
    ["from a level on", { match: { minLevel: "ERROR" }, ...twice }, { maxLevel: "CRITICAL" }, 60],
    [
      "from a level on, with less severe entries",
      { match: { minLevel: "ERROR" }, ...twice },
      { maxLevel: "INFO" },
      30,
    ],
    ["up to a level", { match: { maxLevel: "DEBUG" }, deleteAfterMs: dayMs }, { maxLevel: "DEBUG" }, 1],
    [
      "up to a level, with a more severe entry",
      { match: { maxLevel: "DEBUG" }, deleteAfterMs: dayMs },
      { maxLevel: "INFO" },
      30,
    ],
  ])("%s", (_, override, facts, days) => {
    expect(daysOf(segmentOf(facts), override)).toBe(days);
  });

  it("that keeps longer applies to a segment of unknown level, one that keeps shorter does not", () => {
    const overrides = [
      { match: { minLevel: "ERROR" }, ...twice },
      { match: { maxLevel: "DEBUG" }, deleteAfterMs: dayMs },
    ] as const;
    expect(daysOf(segmentOf(), ...overrides)).toBe(60);
  });

  it("wins over earlier ones in what it sets, and leaves the rest to them", () => {
    const rule = rulesOf(
      { match: { container: "*" }, archiveAfterMs: dayMs, deleteAfterMs: 2 * dayMs },
      { match: { container: "a" }, deleteAfterMs: 3 * dayMs },
    ).ofSegment(segmentOf());
    expect(rule).toEqual({
      archiveAfter: { value: dayMs, source: "override 1 (container *)" },
      deleteAfter: { value: 3 * dayMs, source: "override 2 (container a)" },
    });
  });

  it("keeps segments of one stream apart by their level", () => {
    const rules = rulesOf({ match: { minLevel: "ERROR" }, ...twice });
    const days = (["INFO", "ERROR", "INFO"] as const).map(
      (maxLevel) => rules.ofSegment(segmentOf({ maxLevel })).deleteAfter.value / dayMs,
    );
    expect(days).toEqual([30, 60, 30]);
  });

  it("sets quota, grace and end of containers by id and type", () => {
    const rules = rulesOf(
      { match: { container: "a*" }, maxContainerBytes: 5, onUnregister: "delete" },
      { match: { containerType: "data" }, unregisterGraceMs: 0 },
    );
    expect(rules.ofContainer(segmentOf({ address: component("ab"), containerType: "data" }))).toEqual({
      quota: { value: 5, source: "override 1 (container a*)" },
      onUnregister: "delete",
      graceMs: 0,
      unregisterSource: "override 1 (container a*)",
    });
    expect(rules.ofContainer(segmentOf({ address: component("b") }))).toMatchObject({
      quota: { value: Number.POSITIVE_INFINITY },
      onUnregister: "archive",
      graceMs: dayMs,
    });
  });
});
