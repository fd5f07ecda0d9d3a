import { type ConfigInput, resolveConfig } from "@waybill/config";
import { describe, expect, it } from "vitest";
import { monitorSettingsOf } from "./monitor-settings.ts";

const gib = 2 ** 30;

function settingsOf(logging: NonNullable<ConfigInput["logging"]> = {}) {
  return monitorSettingsOf(resolveConfig({ logging } as ConfigInput).config);
}

/** Name, begin and end of each rule. */
function thresholdsOf({ rules }: ReturnType<typeof settingsOf>) {
  return rules.map(({ name, firesAt, clearsAt }) => [name, firesAt, clearsAt]);
}

describe("monitorSettingsOf", () => {
  it("turns the defaults into units of the monitor, and makes no rule without a threshold", () => {
    const settings = settingsOf();
    expect(settings).toMatchObject({
      limits: { maxTotalBytes: 10 * gib, minFreeBytes: 0 },
      intervalMs: 10_000,
      webhook: undefined,
      performanceIntervalMs: 60_000,
    });
    expect(thresholdsOf(settings)).toEqual([
      ["disk_usage", 8 * gib, 7.2 * gib],
      ["error_rate", 10, 9],
      ["entries_dropped", 0, 0],
    ]);
    expect(settings.rules.map(({ coolDownMs }) => coolDownMs)).toEqual([900_000, 900_000, 900_000]);
  });

  it("turns every threshold into a rule", () => {
    const settings = settingsOf({
      retention_policy: { min_free_disk: "2 GB" },
      monitoring: {
        container_error_rate_alert_threshold: 5,
        dropped_entries_alert_threshold: 4,
        write_latency_alert_threshold_seconds: 0.5,
        event_loop_delay_alert_threshold_seconds: 0.1,
        time_to_full_alert_threshold_days: 2,
        alert_clear_percent: 50,
        alert_cooldown_seconds: 30,
      },
    });
    const day = 86_400_000;
    expect(thresholdsOf(settings)).toEqual([
      ["disk_usage", 8 * gib, 7.2 * gib],
      ["free_disk", 2 * gib, 4 * gib],
      ["disk_forecast", 2 * day, 4 * day],
      ["error_rate", 10, 5],
      ["container_error_rate", 5, 2.5],
      ["write_latency", 500, 250],
      ["entries_dropped", 4, 2],
      ["event_loop_delay", 100, 50],
    ]);
    expect(settings.rules[0]?.coolDownMs).toBe(30_000);
    expect(settings.limits).toEqual({ maxTotalBytes: 10 * gib, minFreeBytes: 2 * gib });
  });

  it("watches a share of the device that shall stay free", () => {
    const settings = settingsOf({ retention_policy: { min_free_disk: "5%" } });
    expect(settings.limits).toEqual({ maxTotalBytes: 10 * gib, minFreeShare: 0.05 });
    expect(thresholdsOf(settings)).toContainEqual(["free_disk", 0.05, 0.05 / 0.9]);
  });

  it("ends the alert of the disk where the clean-up stops, if that is above the share", () => {
    const rulesWith = (disk_usage_target_gb: number) =>
      settingsOf({ monitoring: { disk_usage_alert_threshold_gb: 8, disk_usage_target_gb } }).rules;
    expect(rulesWith(7.5)[0]?.clearsAt).toBe(7.5 * gib);
    expect(rulesWith(8)[0]?.clearsAt).toBe(8 * gib);
    expect(rulesWith(4)[0]?.clearsAt).toBe(7.2 * gib);
  });

  it("names a webhook with all that one attempt may take, and who sends", () => {
    const webhook = { url: "http://127.0.0.1:9/hook", timeout_seconds: 2, retries_max: 0 };
    expect(settingsOf({ monitoring: { webhook } }).webhook).toEqual({
      url: "http://127.0.0.1:9/hook",
      source: "coordinator",
      timeoutMs: 2000,
      attemptsMax: 1,
    });
  });

  it("has no lines of performance when they are switched off", () => {
    expect(
      settingsOf({ monitoring: { performance_metrics_enabled: false } }).performanceIntervalMs,
    ).toBeUndefined();
  });
});
