import type { Level, Tier } from "@waybill/protocols";

/**
 * When an entry is safe.
 * - `sync`: against SIGKILL, once the call that logs has returned.
 * - `batched`: against every exit but SIGKILL, which may lose the last flush interval.
 * - `durable`: as `batched`, and against power loss once `flush()` has resolved.
 */
export type WriteMode = "sync" | "batched" | "durable";

/** The kinds of entries that have a level of their own. */
export type LogKind = "system" | "containers" | "eventFlows" | "lifecycleManagement";

/** Who coordinates, and where the log tree stands. */
export interface CoordinatorConfig {
  /** Name of this coordinator; stands in the names of its flow files. Default `coordinator`. */
  readonly coordinatorId: string;
  /** Root of the log tree, as written; relative paths start at the working directory. Default `./logs`. */
  readonly logDir: string;
}

/** What happens to sealed segments as they grow old. In this release only checked; nothing acts on it yet. */
export interface RetentionPolicyConfig {
  /** Days after which logs are deleted, 0.001 to 36500. Default 30. */
  readonly maxAgeDays: number;
  /** Days after which logs are archived, 0 to `maxAgeDays`. Default 7, or `maxAgeDays` if that is less. */
  readonly archiveAfterDays: number;
  /** GiB that the whole log tree may take, 0.001 to 1048576. Default 10. */
  readonly maxTotalSizeGb: number;
  /** Whether archives are compressed. Default true. */
  readonly compressionEnabled: boolean;
}

/** The least severe level that is written, by kind of entry. */
export interface LogLevelsConfig {
  /** The coordinator and log manager. Default: `default`. */
  readonly system: Level;
  /** Containers without a level of their own or of their type. Default: `default`. */
  readonly containers: Level;
  /** Flow records between containers. Default: `default`. */
  readonly eventFlows: Level;
  /** Start and stop of containers. Default: `default`. */
  readonly lifecycleManagement: Level;
  /** Every kind that is not given. Default INFO. */
  readonly default: Level;
}

/** How entries reach the disk. */
export interface PerformanceConfig {
  /** Whether writing is separate from logging; true exactly when `mode` is not `sync`. Default true. */
  readonly asyncWriting: boolean;
  /** Default `batched`, or `sync` when `asyncWriting` is false. */
  readonly mode: WriteMode;
  /** Entries that are written at once at the latest, 1 to 100000. Default 1000. Void in mode `sync`. */
  readonly batchSize: number;
  /** Seconds that an entry waits at most, 0.001 to 60. Default 0.05. Void in mode `sync`. */
  readonly flushIntervalSeconds: number;
  /** MiB at which a segment is sealed, 0.001 to 10240. Default 100. */
  readonly maxFileSizeMb: number;
  /** Whether sealed segments are compressed. Default true. */
  readonly enableCompression: boolean;
  /** MiB of entries that wait in memory for one file, 0.01 to 1024; more are dropped and counted. Default 4. */
  readonly queueLimitMb: number;
}

/** When operations are told. In this release only checked; nothing acts on it yet. */
export interface MonitoringConfig {
  /** GiB of the log tree above which the disk alert is raised, 0.001 to 1048576. Default 8, at most 80 % of `maxTotalSizeGb`. */
  readonly diskUsageAlertThresholdGb: number;
  /** Errors per minute above which the error alert is raised, 0.001 to 1000000. Default 10. */
  readonly errorRateAlertThreshold: number;
  /** Whether the coordinator writes `system/performance_metrics.log`. Default true. */
  readonly performanceMetricsEnabled: boolean;
}

/** The periodic work on the log tree. Independent of how entries are written. In this release only checked, as above. */
export interface MaintenanceConfig {
  /** Default true. */
  readonly enabled: boolean;
  /** Seconds between two runs, 1 to 604800. Default 3600. */
  readonly intervalSeconds: number;
}

/** Everything about logging that is not about one container. */
export interface LoggingConfig {
  readonly retentionPolicy: RetentionPolicyConfig;
  readonly logLevels: LogLevelsConfig;
  /** Level by container type, where a type has one. Default empty. */
  readonly levelsByType: Readonly<Record<string, Level>>;
  readonly performance: PerformanceConfig;
  readonly monitoring: MonitoringConfig;
  readonly maintenance: MaintenanceConfig;
  /** `minLevel`: the least severe level that `master.log` takes. Default INFO. */
  readonly master: { readonly minLevel: Level };
  /** `maxPrefixes`: files that `correlations/` holds at most, one per id prefix, 1 to 1000. Default 16. */
  readonly correlations: { readonly maxPrefixes: number };
  /** Transport classes between containers, 1 to 28 names. Default fast, standard, reliable. */
  readonly tiers: readonly Tier[];
}

/** One component that a container declares. */
export interface ComponentConfig {
  /** Undefined = the level of its container. */
  readonly level: Level | undefined;
}

/** One container, after `instances` is expanded. */
export interface ContainerConfig {
  readonly containerId: string;
  /** The factory that makes it. */
  readonly type: string;
  readonly logging: {
    /** Undefined = the level of its type, else of its kind. */
    readonly level: Level | undefined;
    /** Components by name. Default empty; undeclared components may log all the same. */
    readonly components: Readonly<Record<string, ComponentConfig>>;
  };
  /** Passed to the factory as it is. Default empty. Shared by the instances of one declaration. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * A configuration, checked and complete: every default is filled in and nothing can be changed any more.
 *
 * Maps with names of the user as keys have no prototype, so a container may be called `toString`.
 */
export interface WaybillConfig {
  readonly coordinator: CoordinatorConfig;
  readonly logging: LoggingConfig;
  /** By container id. */
  readonly containers: Readonly<Record<string, ContainerConfig>>;
}

/** What loading, parsing and resolving give. */
export interface ConfigResult {
  readonly config: WaybillConfig;
  /** Advice on keys that work but should be changed, one sentence each, with file and line where known. */
  readonly warnings: readonly string[];
}
