import { describe, expect, it } from "vitest";
import { parseConfig, resolveConfig } from "../load-config.ts";
import type { FileConfig } from "../schema.ts";

type FilePolicy = NonNullable<NonNullable<FileConfig["logging"]>["retention_policy"]>;

function retention(retention_policy: FilePolicy) {
  return resolveConfig({ logging: { retention_policy } }).config.logging.retentionPolicy;
}

describe("retention_policy", () => {
  it("reads the space to keep free as a share or a size", () => {
    expect(retention({ min_free_disk: "5%" }).minFreeDisk).toEqual({ percent: 5 });
    expect(retention({ min_free_disk: "2 GB" }).minFreeDisk).toEqual({ bytes: 2 * 2 ** 30 });
    expect(retention({}).minFreeDisk).toBeUndefined();
  });

  it.each(["5", "0%", "91%", "-1%", "5 percent", "0B", "2000TB", "%"])(
    "refuses %j as space to keep free",
    (space) => {
      expect(() => retention({ min_free_disk: space })).toThrow("must be a share of 0.1 to 90 %");
    },
  );

  it("takes a quota of each container and the grace of those that are gone", () => {
    const policy = retention({
      max_container_size: "1GB",
      on_unregister: "delete",
      unregister_grace: "2h",
    });
    expect(policy).toMatchObject({
      maxContainerSizeMb: 1024,
      onUnregister: "delete",
      unregisterGraceSeconds: 7200,
    });
  });

  it("keeps tiers apart as the design's table does, bounded by the ages of all", () => {
    const { builtInOverrides } = retention({ max_age_days: 3 });
    expect(
      builtInOverrides.map(({ rule, maxAgeDays, archiveAfterDays }) => [rule, maxAgeDays, archiveAfterDays]),
    ).toEqual([
      ["default of tier fast", 3, 1],
      ["default of tier reliable", 9, 9],
      ["default of files with errors", 9, 9],
      ["default of system files", 30, 7],
    ]);
    expect(retention({ max_age_days: 36_500 }).builtInOverrides[1]?.maxAgeDays).toBe(36_500);
    expect(retention({ tier_defaults_enabled: false }).builtInOverrides).toEqual([]);
  });
});

describe("overrides", () => {
  it("say what they match and what holds there, with the rule in words", () => {
    const { overrides } = retention({
      overrides: [
        { container: "strategy_*", max_age: "1w", max_container_size_mb: 50 },
        { kind: "flow", tier: "fast", archive_after: "1h" },
        { type: "risk", level: "error", on_unregister: "keep", unregister_grace_seconds: 0 },
      ],
    });
    expect(overrides).toMatchObject([
      {
        rule: "retention_policy.overrides[0]",
        container: "strategy_*",
        maxAgeDays: 7,
        archiveAfterDays: 7,
        maxContainerSizeMb: 50,
      },
      { kind: "flow", tier: "fast", maxAgeDays: undefined, archiveAfterDays: 1 / 24 },
      { type: "risk", level: "ERROR", onUnregister: "keep", unregisterGraceSeconds: 0 },
    ]);
  });

  it("archive no later than they delete", () => {
    expect(retention({ overrides: [{ kind: "flow", max_age_days: 2 }] }).overrides[0]?.archiveAfterDays).toBe(
      2,
    );
  });

  it("may be written in camelCase in code", () => {
    const overrides = [{ container: "a", maxAgeDays: 2 }];
    const { config } = resolveConfig({ logging: { retentionPolicy: { overrides } } });
    expect(config.logging.retentionPolicy.overrides[0]?.maxAgeDays).toBe(2);
  });

  it.each([
    ["{ max_age: 1d }", "overrides[0]  matches everything; name a kind"],
    ["{ container: a }", "overrides[0]  changes nothing; give an age"],
    ["{ container: a, tier: fast, max_age: 1d }", "overrides[0]  matches nothing"],
    ["{ type: a, kind: system, max_age: 1d }", "overrides[0]  matches nothing"],
    [
      "{ kind: flow, archive_after: 31d }",
      "overrides[0].archive_after  must be at most max_age_days (30), is 31",
    ],
    [
      "{ kind: flow, max_age: 1d, archive_after_days: 2 }",
      "archive_after_days  must be at most max_age_days (1), is 2",
    ],
    ["{ kind: flow, max_age: 1d, max_age_days: 2 }", "overrides[0].max_age  contradicts max_age_days"],
    ["{ kind: flows, max_age: 1d }", "overrides[0].kind  must be one of container, flow"],
    ["{ kind: flow, max_ages: 1d }", 'overrides[0].max_ages  unknown key; did you mean "max_age"?'],
    ["flow", "overrides[0]  must be a map of what it matches"],
  ])("refuse %s", (override, message) => {
    const text = `logging: { retention_policy: { overrides: [${override}] } }`;
    expect(() => parseConfig(text)).toThrow(message);
  });

  it("warn about a tier that nobody has", () => {
    const text = "logging: { tiers: [slow], retention_policy: { overrides: [{ tier: fast, max_age: 1d }] } }";
    expect(parseConfig(text).warnings).toEqual([
      "1:61  logging.retention_policy.overrides[0].tier  names no tier of logging.tiers (slow); it matches nothing",
    ]);
  });

  it("are limited", () => {
    const overrides = Array.from({ length: 101 }, (_, n) => ({ container: `c${n}`, max_age: "1d" }));
    expect(() => retention({ overrides })).toThrow("must name at most 100 overrides");
  });
});
