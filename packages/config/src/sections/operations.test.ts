import { describe, expect, it } from "vitest";
import { parseConfig } from "../load-config.ts";

function logging(text: string) {
  return parseConfig(`logging: ${text}`).config.logging;
}

describe("monitoring", () => {
  it("reads every threshold in its unit", () => {
    const { monitoring } = logging(`{ monitoring: { disk_usage_alert_threshold: 4GB, disk_usage_target_gb: 3,
      container_error_rate_alert_threshold: 2.5, write_latency_alert_threshold: 250ms,
      event_loop_delay_alert_threshold_seconds: 0.1, time_to_full_alert_threshold: 12h, alert_cooldown: 5m,
      interval: 1s, performance_metrics_interval: 10s,
      webhook: { url: "http://127.0.0.1:9/hook", timeout: 500ms, retries_max: 0 } } }`);
    expect(monitoring).toMatchObject({
      diskUsageAlertThresholdGb: 4,
      diskUsageTargetGb: 3,
      containerErrorRateAlertThreshold: 2.5,
      writeLatencyAlertThresholdSeconds: 0.25,
      eventLoopDelayAlertThresholdSeconds: 0.1,
      timeToFullAlertThresholdDays: 0.5,
      alertCooldownSeconds: 300,
      intervalSeconds: 1,
      performanceMetricsIntervalSeconds: 10,
      webhook: { url: "http://127.0.0.1:9/hook", timeoutSeconds: 0.5, retriesMax: 0 },
    });
  });

  it("frees down to nine tenths of the alert, whatever the alert is", () => {
    expect(
      logging("{ retention_policy: { max_total_size_gb: 1 } }").monitoring.diskUsageTargetGb,
    ).toBeCloseTo(0.72, 10);
  });

  it.each([
    ["{ disk_usage_target: 9GB }", "disk_usage_target  must be at most disk_usage_alert_threshold_gb (8)"],
    ["{ webhook: { url: ftp://x } }", 'webhook.url  must be an address that begins with "http://"'],
    ["{ webhook: { url: nowhere } }", "webhook.url  must be an address"],
    ["{ webhook: { url: 'https://me:secret@example.com' } }", "without user and password"],
    ["{ webhook: { url: 'https://:secret@example.com' } }", "without user and password"],
    ["{ alert_clear_percent: 101 }", "must be a number from 1 to 100, is 101"],
    ["{ interval_seconds: 0 }", "must be 1 to 3600 seconds"],
  ])("refuses %s", (text, message) => {
    expect(() => logging(`{ monitoring: ${text} }`)).toThrow(message);
  });
});

describe("maintenance", () => {
  it("has a jitter that leaves at least half of the pause", () => {
    expect(logging("{ maintenance: { jitter_percent: 50 } }").maintenance.jitterPercent).toBe(50);
    expect(() => logging("{ maintenance: { jitter_percent: 51 } }")).toThrow(
      "must be a number from 0 to 50, is 51",
    );
  });
});

describe("master", () => {
  it("takes so many entries per second", () => {
    expect(logging("{ master: { max_entries_per_second: 5 } }").master.maxEntriesPerSecond).toBe(5);
    expect(() => logging("{ master: { max_entries_per_second: 0 } }")).toThrow("must be an integer from 1");
  });
});

describe("flight_recorder", () => {
  it("has rings in entries and in bytes, of containers and correlation ids", () => {
    const { flightRecorder } =
      logging(`{ flight_recorder: { enabled: true, min_level: trace, trigger_level: fatal,
      entries_per_container: 10, size_per_container: 1MB, entries_per_correlation: 20, size_per_correlation_kb: 2,
      correlations_max: 3, total_size: 1GB } }`);
    expect(flightRecorder).toEqual({
      enabled: true,
      minLevel: "TRACE",
      triggerLevel: "CRITICAL",
      entriesPerContainer: 10,
      sizePerContainerKb: 1024,
      entriesPerCorrelation: 20,
      sizePerCorrelationKb: 2,
      correlationsMax: 3,
      totalSizeMb: 1024,
    });
  });

  it.each([
    [
      "{ min_level: error }",
      "min_level  leaves nothing to keep: min_level (ERROR) must be below trigger_level (ERROR)",
    ],
    ["{ trigger_level: debug }", "trigger_level  leaves nothing to keep"],
    ["{ size_per_container: 0.5kB }", 'such as "64kB", of 1 to 65536 KB'],
  ])("refuses %s", (text, message) => {
    expect(() => logging(`{ flight_recorder: ${text} }`)).toThrow(message);
  });
});

describe("folding", () => {
  it("reads window, samples and the most severe level", () => {
    const { folding } = logging(
      "{ folding: { enabled: true, window: 1m, keep_first: 1, keep_every: 100, max_level: info } }",
    );
    expect(folding).toEqual({
      enabled: true,
      windowSeconds: 60,
      keepFirst: 1,
      keepEvery: 100,
      maxLevel: "INFO",
      messagesMax: 256,
    });
  });
});
