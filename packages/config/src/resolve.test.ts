import { describe, expect, it } from "vitest";
import type { ConfigInput } from "./config-input.ts";
import { parseConfig, resolveConfig } from "./load-config.ts";
import type { FileConfig } from "./schema.ts";

/** The configuration that the design document gives as its example. */
const documentExample = `
coordinator:
  coordinator_id: "main_trading_coordinator"
  log_dir: "/var/log/admf-pc"

logging:
  retention_policy:
    max_age_days: 30
    archive_after_days: 7
    max_total_size_gb: 10.0
    compression_enabled: true

  log_levels:
    system: "INFO"
    containers: "DEBUG"
    event_flows: "INFO"
    lifecycle_management: "INFO"

  performance:
    async_writing: true
    batch_size: 1000
    flush_interval_seconds: 5
    max_file_size_mb: 100
    enable_compression: true

  monitoring:
    disk_usage_alert_threshold_gb: 8.0
    error_rate_alert_threshold: 10  # errors per minute
    performance_metrics_enabled: true

containers:
  data_container:
    type: "data"
    logging:
      level: "INFO"
      components: ["data_handler", "stream_processor"]
`;

const fullDefaults = {
  coordinator: { coordinatorId: "coordinator", logDir: "./logs" },
  logging: {
    retentionPolicy: {
      maxAgeDays: 30,
      archiveAfterDays: 7,
      maxTotalSizeGb: 10,
      compressionEnabled: true,
      onUnregister: "archive",
      unregisterGraceSeconds: 3600,
      tierDefaultsEnabled: true,
      builtInOverrides: [
        { rule: "default of tier fast", tier: "fast", maxAgeDays: 7, archiveAfterDays: 1 },
        { rule: "default of tier reliable", tier: "reliable", maxAgeDays: 90, archiveAfterDays: 21 },
        { rule: "default of files with errors", level: "ERROR", maxAgeDays: 90, archiveAfterDays: 21 },
        { rule: "default of system files", kind: "system", maxAgeDays: 30, archiveAfterDays: 7 },
      ],
      overrides: [],
    },
    logLevels: {
      system: "INFO",
      containers: "INFO",
      eventFlows: "INFO",
      lifecycleManagement: "INFO",
      default: "INFO",
    },
    levelsByType: {},
    performance: {
      asyncWriting: true,
      mode: "batched",
      batchSize: 1000,
      flushIntervalSeconds: 0.05,
      maxFileSizeMb: 100,
      enableCompression: true,
      queueLimitMb: 4,
      totalQueueLimitMb: 64,
      overflow: "drop_lowest_level",
      overflowWaitMs: 100,
      rotate: "never",
      timeZone: "UTC",
      compressionDelaySeconds: 60,
      maxOpenFiles: undefined,
    },
    monitoring: {
      diskUsageAlertThresholdGb: 8,
      diskUsageTargetGb: 7.2,
      errorRateAlertThreshold: 10,
      droppedEntriesAlertThreshold: 0,
      alertClearPercent: 90,
      alertCooldownSeconds: 900,
      intervalSeconds: 10,
      performanceMetricsEnabled: true,
      performanceMetricsIntervalSeconds: 60,
      webhook: { timeoutSeconds: 5, retriesMax: 3 },
    },
    maintenance: { enabled: true, intervalSeconds: 3600, jitterPercent: 10 },
    flightRecorder: {
      enabled: false,
      minLevel: "DEBUG",
      triggerLevel: "ERROR",
      entriesPerContainer: 200,
      sizePerContainerKb: 64,
      entriesPerCorrelation: 200,
      sizePerCorrelationKb: 64,
      correlationsMax: 1000,
      totalSizeMb: 16,
    },
    quotas: { burstSeconds: 5, overrides: [] },
    folding: { enabled: false, windowSeconds: 10, keepFirst: 5, maxLevel: "WARNING", messagesMax: 256 },
    master: { minLevel: "INFO", maxEntriesPerSecond: 1000 },
    correlations: { maxPrefixes: 16 },
    tiers: ["fast", "standard", "reliable"],
  },
  containers: {},
};

function logging(part: NonNullable<FileConfig["logging"]>) {
  return resolveConfig({ logging: part }).config.logging;
}

describe("defaults", () => {
  it("are all filled in", () => {
    const { config, warnings } = resolveConfig({});
    expect(config).toEqual(fullDefaults);
    expect(warnings).toEqual([]);
  });

  it("hold for keys with nothing below them", () => {
    const text = "coordinator:\nlogging:\n  performance:\n  log_levels:\ncontainers:\n";
    expect(parseConfig(text).config).toEqual(fullDefaults);
  });

  it("take the default level for every kind that is not given", () => {
    const { logLevels } = logging({ log_levels: { default: "warn", system: "Fatal" } });
    expect(logLevels).toEqual({
      system: "CRITICAL",
      containers: "WARNING",
      eventFlows: "WARNING",
      lifecycleManagement: "WARNING",
      default: "WARNING",
    });
  });

  it("never archive later than they delete", () => {
    expect(logging({ retention_policy: { max_age_days: 3 } }).retentionPolicy.archiveAfterDays).toBe(3);
  });

  it("raise the disk alert below a small limit", () => {
    expect(logging({ retention_policy: { max_total_size_gb: 1 } }).monitoring.diskUsageAlertThresholdGb).toBe(
      0.8,
    );
  });

  it("leave maintenance on when writing is not asynchronous", () => {
    const { maintenance, performance } = logging({ performance: { async_writing: false } });
    expect(performance.mode).toBe("sync");
    expect(maintenance.enabled).toBe(true);
  });
});

describe("shapes", () => {
  it("reads the document's example, every key", () => {
    const { config, warnings } = parseConfig(documentExample);
    expect(warnings).toEqual([]);
    expect(config).toEqual({
      coordinator: { coordinatorId: "main_trading_coordinator", logDir: "/var/log/admf-pc" },
      logging: {
        ...fullDefaults.logging,
        logLevels: { ...fullDefaults.logging.logLevels, containers: "DEBUG" },
        performance: { ...fullDefaults.logging.performance, flushIntervalSeconds: 5 },
      },
      containers: {
        data_container: {
          containerId: "data_container",
          type: "data",
          logging: {
            level: "INFO",
            components: { data_handler: { level: undefined }, stream_processor: { level: undefined } },
          },
          settings: {},
        },
      },
    });
  });

  it("reads the flat shape as the nested one", () => {
    const flat = resolveConfig({ coordinator_id: "prod", log_dir: "/srv/logs", logging: {} });
    const nested = resolveConfig({ coordinator: { coordinator_id: "prod", log_dir: "/srv/logs" } });
    expect(flat.config).toEqual(nested.config);
  });

  it("takes both shapes when they agree and refuses them when they differ", () => {
    expect(resolveConfig({ log_dir: "a", coordinator: { log_dir: "a" } }).config.coordinator.logDir).toBe(
      "a",
    );
    expect(() => parseConfig("coordinator: { log_dir: a }\nlog_dir: b", { path: "c.yaml" })).toThrow(
      "c.yaml:2:10  log_dir  contradicts coordinator.log_dir, which says the same; keep coordinator.log_dir",
    );
  });

  it("takes camelCase in code, and names keys as the caller spelled them", () => {
    const camel = resolveConfig({ coordinatorId: "c", logging: { retentionPolicy: { maxAgeDays: 9 } } });
    const snake = resolveConfig({ coordinator_id: "c", logging: { retention_policy: { max_age_days: 9 } } });
    expect(camel.config).toEqual(snake.config);
    expect(() => resolveConfig({ logging: { retentionPolicy: { maxAgeDays: -1 } } })).toThrow(
      /^logging\.retentionPolicy\.maxAgeDays {2}must be 0\.001 to 36500 days/,
    );
    expect(() => resolveConfig({ logDir: "a", log_dir: "a" } as ConfigInput)).toThrow("given twice");
    expect(() => resolveConfig({ loggin: {} } as ConfigInput)).toThrow('did you mean "logging"?');
    expect(() => resolveConfig({ logging: { levelByType: {} } } as ConfigInput)).toThrow(
      'did you mean "levelsByType"?',
    );
  });

  it("refuses camelCase in files", () => {
    expect(() => parseConfig("logDir: x")).toThrow('logDir  unknown key; did you mean "log_dir"?');
  });

  it("keeps names of the user as they are", () => {
    const { config } = resolveConfig({
      containers: { marketData: { type: "a", settings: { riskLimit: 1 } } },
    });
    expect(config.containers["marketData"]?.settings).toEqual({ riskLimit: 1 });
  });
});

describe("log_dir", () => {
  it.each([".", "./", "logs/.."])("may be the working directory, as %j, with a warning", (log_dir) => {
    const { config, warnings } = resolveConfig({ log_dir });
    expect(config.coordinator.logDir).toBe(log_dir);
    expect(warnings).toEqual([expect.stringMatching(/^log_dir {2}is the working directory, so containers/)]);
  });

  it("is a directory of its own without a warning", () => {
    expect(resolveConfig({ log_dir: "./logs" }).warnings).toEqual([]);
  });
});

describe("values under several keys", () => {
  it("reads sizes and durations as text, with and without the unit in the key", () => {
    const retention = logging({
      retention_policy: { max_age: "2w", archive_after: "12h", max_total_size_gb: "512MB" },
    });
    expect(retention.retentionPolicy).toMatchObject({
      maxAgeDays: 14,
      archiveAfterDays: 0.5,
      maxTotalSizeGb: 0.5,
    });
    const { performance, maintenance } = logging({
      performance: { flush_interval: "50ms", max_file_size: "1GB", queue_limit_mb: "64kB" },
      maintenance: { interval: "10m" },
    });
    expect(performance).toMatchObject({
      flushIntervalSeconds: 0.05,
      maxFileSizeMb: 1024,
      queueLimitMb: 0.0625,
    });
    expect(maintenance.intervalSeconds).toBe(600);
  });

  it("warns once about max_size_gb and takes it", () => {
    const text = "logging:\n  retention_policy:\n    max_size_gb: 20";
    const { config, warnings } = parseConfig(text, { path: "c.yaml" });
    expect(config.logging.retentionPolicy.maxTotalSizeGb).toBe(20);
    expect(warnings).toEqual([
      "c.yaml:3:5  logging.retention_policy.max_size_gb  is deprecated; write max_total_size_gb",
    ]);
  });

  it.each([
    [
      { retention_policy: { max_size_gb: 1, max_total_size_gb: 2 } },
      "max_size_gb  contradicts max_total_size_gb",
    ],
    [{ retention_policy: { max_age_days: 1, max_age: "2d" } }, "max_age  contradicts max_age_days"],
    [
      { retention_policy: { archive_after_days: 31 } },
      "archive_after_days  must be at most max_age_days (30)",
    ],
    [{ performance: { async_writing: true, mode: "sync" } }, "mode  contradicts async_writing: true"],
    [{ performance: { async_writing: false, mode: "durable" } }, "mode  contradicts async_writing: false"],
  ] as const)("refuses %j", (part, message) => {
    expect(() => resolveConfig({ logging: part } as ConfigInput)).toThrow(message);
  });

  it("takes two keys for one value when they agree", () => {
    const policy = { max_size_gb: "10GB", max_total_size_gb: 10, max_total_size: "10240MB" };
    expect(logging({ retention_policy: policy }).retentionPolicy.maxTotalSizeGb).toBe(10);
  });

  it("takes the mode as the word on async_writing", () => {
    expect(logging({ performance: { mode: "sync" } }).performance.asyncWriting).toBe(false);
    expect(logging({ performance: { mode: "durable" } }).performance.asyncWriting).toBe(true);
  });

  it("warns about a disk alert that comes too late", () => {
    const { warnings } = resolveConfig({ logging: { monitoring: { disk_usage_alert_threshold: "11GB" } } });
    expect(warnings).toEqual([expect.stringContaining("lies above max_total_size_gb (10)")]);
  });
});
