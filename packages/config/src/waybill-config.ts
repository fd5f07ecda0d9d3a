import type { Level, Tier } from "@waybill/protocols";
import type { FlightRecorderConfig } from "./sections/flight-recorder.ts";
import type { FoldingConfig } from "./sections/folding.ts";
import type { MaintenanceConfig } from "./sections/maintenance.ts";
import type { MonitoringConfig } from "./sections/monitoring.ts";
import type { PerformanceConfig } from "./sections/performance.ts";
import type { QuotasConfig } from "./sections/quotas.ts";
import type { RetentionPolicyConfig } from "./sections/retention-policy.ts";
import type { ConfigSetting } from "./settings.ts";

/** The kinds of entries that have a level of their own. */
export type LogKind = "system" | "containers" | "eventFlows" | "lifecycleManagement";

/** Who coordinates, and where the log tree stands. */
export interface CoordinatorConfig {
  /** Name of this coordinator; stands in the names of its flow files. Default `coordinator`. */
  readonly coordinatorId: string;
  /** Root of the log tree, as written; relative paths start at the working directory. Default `./logs`. */
  readonly logDir: string;
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

/** Everything about logging that is not about one container. */
export interface LoggingConfig {
  readonly retentionPolicy: RetentionPolicyConfig;
  readonly logLevels: LogLevelsConfig;
  /** Level by container type, where a type has one. Default empty. */
  readonly levelsByType: Readonly<Record<string, Level>>;
  readonly performance: PerformanceConfig;
  readonly monitoring: MonitoringConfig;
  readonly maintenance: MaintenanceConfig;
  readonly flightRecorder: FlightRecorderConfig;
  readonly quotas: QuotasConfig;
  readonly folding: FoldingConfig;
  readonly master: {
    /** The least severe level that `master.log` takes. Default INFO. */
    readonly minLevel: Level;
    /** Entries per second that it takes; more are left out of it and counted, 1 to 1000000. Default 1000. */
    readonly maxEntriesPerSecond: number;
  };
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
  /**
   * Lists what holds, and where each value comes from: a default, a line of the file, a variable of the environment.
   * Computed when asked. {@link formatSettings} prints it.
   */
  readonly settings: () => readonly ConfigSetting[];
}
