import { describe, expect, it } from "vitest";
import { resolveRetentionPolicy } from "./resolve-policy.ts";
import type { RetentionOverride, RetentionPolicyOptions } from "./retention-policy.ts";

const dayMs = 86_400_000;

describe("resolveRetentionPolicy", () => {
  it("fills in the defaults of the README", () => {
    const { overrides, ...limits } = resolveRetentionPolicy();
    expect(limits).toEqual({
      archiveAfterMs: 7 * dayMs,
      deleteAfterMs: 30 * dayMs,
      maxTotalBytes: 10_737_418_240,
      maxContainerBytes: Number.POSITIVE_INFINITY,
      minFreeBytes: 0,
      minFreePercent: 0,
      evictToPercent: 90,
      archivedPercent: 25,
      onUnregister: "archive",
      unregisterGraceMs: dayMs,
    });
    expect(overrides.map(({ label }) => label)).toEqual([
      "default for system",
      "default for tier fast",
      "default for tier reliable",
      "default for error correlations",
    ]);
  });

  it("derives the tiers from the general limits: fast never longer, reliable and errors three times", () => {
    const { overrides } = resolveRetentionPolicy({ deleteAfterMs: 3 * dayMs });
    const deletions = overrides.map(({ archiveAfterMs, deleteAfterMs }) => [archiveAfterMs, deleteAfterMs]);
    expect(deletions).toEqual([
      [7 * dayMs, 30 * dayMs],
      [dayMs, 3 * dayMs],
      [undefined, 9 * dayMs],
      [undefined, 9 * dayMs],
    ]);
  });

  it("archives no later than it deletes when only the age is given", () => {
    expect(resolveRetentionPolicy({ deleteAfterMs: 2 * dayMs }).archiveAfterMs).toBe(2 * dayMs);
  });

  it("puts overrides behind the defaults, named by their number and criteria", () => {
    const overrides: RetentionOverride[] = [
      { match: { container: "strategy_*", minLevel: "ERROR" }, deleteAfterMs: dayMs },
      { match: {}, deleteAfterMs: dayMs },
    ];
    const labels = resolveRetentionPolicy({ tierDefaults: false, overrides }).overrides.map(
      ({ label }) => label,
    );
    expect(labels).toEqual(["override 1 (container strategy_*, minLevel ERROR)", "override 2 (everything)"]);
  });

  it.each<[RetentionPolicyOptions, string]>([
    [{ deleteAfterMs: 0 }, "deleteAfterMs must be at least 1000 milliseconds, not 0"],
    [{ archiveAfterMs: -1 }, "archiveAfterMs must be at least 0 milliseconds, not -1"],
    [{ maxTotalBytes: Number.NaN }, "maxTotalBytes must be at least 1 bytes, not NaN"],
    [{ maxTotalBytes: 0 }, "maxTotalBytes must be at least 1 bytes, not 0"],
    [{ minFreePercent: 95 }, "minFreePercent must be 0 to 90 percent, not 95"],
    [{ evictToPercent: 0 }, "evictToPercent must be 10 to 100 percent, not 0"],
    [{ archiveAfterMs: 2000, deleteAfterMs: 1000 }, "archiveAfterMs is 2000, after deleteAfterMs, 1000"],
    [
      { overrides: [{ match: {}, deleteAfterMs: -5 }] },
      "overrides[0].deleteAfterMs must be at least 1000 milliseconds, not -5",
    ],
    [
      { overrides: [{ match: { tier: "fast" }, onUnregister: "delete" }] },
      "overrides[0].onUnregister is a limit of containers, which have no tier",
    ],
  ])("refuses %j", (options, message) => {
    expect(() => resolveRetentionPolicy(options)).toThrow(RangeError);
    expect(() => resolveRetentionPolicy(options)).toThrow(message);
  });
});
