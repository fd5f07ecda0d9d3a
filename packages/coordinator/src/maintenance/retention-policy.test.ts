import { parseConfig } from "@waybill/config";
import { describe, expect, it } from "vitest";
import { retentionPolicyOf, sizeLimitsOf } from "./retention-policy.ts";

const dayMs = 86_400_000;
const loggingOf = (text: string) => parseConfig(text).config.logging;

describe("the sizes between which a tree is kept", () => {
  it("are the total, the alert threshold and its target", () => {
    const logging = loggingOf(
      "logging: { retention_policy: { max_total_size_gb: 10 }, monitoring: { disk_usage_alert_threshold_gb: 6, disk_usage_target_gb: 5 } }",
    );
    expect(sizeLimitsOf(logging)).toEqual({
      maxTotalBytes: 10 * 1024 ** 3,
      roomFromBytes: 6 * 1024 ** 3,
      roomToBytes: 5 * 1024 ** 3,
    });
  });

  it("leave writers room while room is made, though the alert is set at the total", () => {
    const logging = loggingOf(
      "logging: { retention_policy: { max_total_size_gb: 10 }, monitoring: { disk_usage_alert_threshold_gb: 10 } }",
    );
    expect(sizeLimitsOf(logging).roomFromBytes).toBe(Math.floor(9.5 * 1024 ** 3));
  });
});

describe("the policy of a configuration", () => {
  it("has its ages, sizes and what becomes of containers that are gone", () => {
    const policy = retentionPolicyOf(
      loggingOf(
        "logging: { retention_policy: { max_age_days: 10, archive_after_days: 2, max_container_size_mb: 5, min_free_disk: 1GB, on_unregister: delete, unregister_grace_seconds: 7 } }",
      ),
    );
    expect(policy).toMatchObject({
      deleteAfterMs: 10 * dayMs,
      archiveAfterMs: 2 * dayMs,
      maxContainerBytes: 5 * 1024 ** 2,
      minFreeBytes: 1024 ** 3,
      onUnregister: "delete",
      unregisterGraceMs: 7000,
    });
  });

  it("has the defaults by tier before the overrides of the file, with their names", () => {
    const { overrides } = retentionPolicyOf(
      loggingOf(
        'logging: { retention_policy: { overrides: [{ container: "feed_*", max_age_days: 3, level: ERROR }] } }',
      ),
    );
    expect(overrides.map(({ label }) => label)).toEqual([
      "default of tier fast",
      "default of tier reliable",
      "default of files with errors",
      "default of system files",
      "retention_policy.overrides[0]",
    ]);
    expect(overrides.at(-1)).toMatchObject({
      match: { container: "feed_*", minLevel: "ERROR" },
      deleteAfterMs: 3 * dayMs,
    });
  });

  it("archives nothing without compression, not even of containers that are gone", () => {
    const policy = retentionPolicyOf(
      loggingOf(
        'logging: { retention_policy: { compression_enabled: false, overrides: [{ container: "a", on_unregister: archive }, { container: "b", on_unregister: delete }] } }',
      ),
    );
    expect(policy.onUnregister).toBe("keep");
    expect(policy.overrides.slice(-2).map(({ onUnregister }) => onUnregister)).toEqual(["keep", "delete"]);
    const ages = [policy.archiveAfterMs, ...policy.overrides.map(({ archiveAfterMs }) => archiveAfterMs)];
    expect(ages.filter((age) => age !== undefined && age < Number.POSITIVE_INFINITY)).toEqual([]);
  });
});
