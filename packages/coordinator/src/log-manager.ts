import { lstatSync, realpathSync } from "node:fs";
import type { WaybillConfig } from "@waybill/config";
import { type LogTree, openTree } from "@waybill/log-tree";
import type { ContainerLogger } from "@waybill/logger";
import type { AlertEvent } from "@waybill/monitor";
import { type Clock, type Level, systemClock, type Tier, type Writer } from "@waybill/protocols";
import type { PlanRetentionOptions, RetentionPlan } from "@waybill/retention";
import type { ContainerLogRegistry, ContainerRegistration } from "./container-log-registry.ts";
import type { SetLevelOptions } from "./live/level-book.ts";
import type { AppliedConfig } from "./live/live-settings.ts";
import type { LogSummary } from "./log-summary.ts";
import type { EntryStagesStatus } from "./logger-factory.ts";
import type { MaintenanceReport } from "./maintenance/maintenance-report.ts";
import type { MaintenanceTotals } from "./maintenance/tree-maintenance.ts";
import type { TreeMonitor } from "./monitoring/tree-monitor.ts";
import { claimTree } from "./tree-claim.ts";
import { TreeManager } from "./tree-manager.ts";

/** What {@link openLogManager} needs. */
export interface LogManagerOptions {
  /** Resolved by `@waybill/config`; its `coordinator.logDir` is where the tree stands. */
  readonly config: WaybillConfig;
  /** Takes the rare line for people that logging fails. Default: stderr. */
  readonly print?: (line: string) => void;
  /** Told of each alert that begins or ends. What it throws is told in the system log. Default nobody. */
  readonly onAlert?: (event: AlertEvent) => void | Promise<void>;
  /** Default: the clock of this process. */
  readonly clock?: Clock;
  /**
   * By which the monitor measures rates, windows, forecasts and how long alerts last, where that is another one: in a
   * demonstration hours pass in a minute for it, while writers and maintenance keep their pace. Default `clock`.
   */
  readonly monitorClock?: Clock;
}

/** What tends the log tree; see `maintenance` and `retention_policy` of the configuration. */
export interface LogMaintenance {
  /** Seals, archives and deletes now what is due. @throws {Error} `AbortError` once the manager is closed. */
  run(): Promise<MaintenanceReport>;
  /** What a run would do now, and why; nothing happens. `explainRetention` of `@waybill/retention` has it in words. */
  plan(options?: PlanRetentionOptions): Promise<RetentionPlan>;
  /** Since the start. */
  readonly totals: MaintenanceTotals;
  /** The last run; undefined before the first. */
  readonly latest: MaintenanceReport | undefined;
}

/**
 * Owns one log tree in this process: its writers, the registries of its containers, the system logs.
 *
 * Holds no timer that keeps the process alive, and everything accepted is written at exit even without `close`.
 */
export interface LogManager {
  readonly coordinatorId: string;
  readonly config: WaybillConfig;
  readonly tree: LogTree;
  /** `system/coordinator.log`, at `log_levels.system`. */
  readonly systemLogger: ContainerLogger;
  /** The same file at `log_levels.lifecycle_management`: the start and stop of containers. */
  readonly lifecycleLogger: ContainerLogger;
  /** A live view, by container id. */
  readonly registries: ReadonlyMap<string, ContainerLogRegistry>;
  /**
   * The registry of a container; the same one for a container that is registered already.
   *
   * @throws {TypeError} for an id that is no string.
   * @param containerId - any text; it becomes a path by `encodePathPart` of `@waybill/log-tree`.
   * @throws {WaybillError} `WAYBILL_CONTAINER_CONFLICT` when it is registered with another type,
   * `WAYBILL_COORDINATOR_STOPPED` after `close`.
   */
  registerContainer(containerId: string, registration?: ContainerRegistration): ContainerLogRegistry;
  /** Closes the loggers of a container and forgets it; its files stay. An unknown container is no error. */
  unregisterContainer(containerId: string): Promise<void>;
  /**
   * The writer of the flow records of a tier: `flows/<coordinator>_<tier>_event_flows.log`. Ask once per tier and keep
   * it; the manager closes it.
   *
   * @throws {WaybillError} `WAYBILL_WRITER_CLOSED` after `close`.
   */
  flowWriter(tier: Tier | "internal"): Writer;
  readonly maintenance: LogMaintenance;
  /** What is measured: disk, entries, writers, latency, alerts; and the dashboard of it. */
  readonly monitor: Pick<TreeMonitor, "dashboard" | "snapshot" | "recent" | "firing">;
  /**
   * Sets the level of all loggers that a pattern names, those to come too, above what the configuration says: `strategy_*`
   * names containers, `feed/order_book` a component of a container; `*` is any text, `?` one character.
   *
   * @param level - undefined gives it back to the configuration.
   * @returns loggers that it names now.
   * @throws {TypeError | RangeError} for a pattern, level or time that is none.
   * @throws {WaybillError} `WAYBILL_COORDINATOR_STOPPED` after `close`.
   */
  setLevel(pattern: string, level: Level | undefined, options?: SetLevelOptions): number;
  /**
   * Takes over another configuration while running, without losing an entry: levels, writing, retention, monitoring,
   * flight recorder, quotas, folding. All of it or, when something is refused, nothing.
   *
   * @returns what holds from now on, and what needs a restart: directory, names, tiers, the containers themselves.
   * @throws {TypeError | RangeError} for what cannot be; everything is as before then.
   * @throws {WaybillError} `WAYBILL_COORDINATOR_STOPPED` after `close`.
   */
  applyConfig(config: WaybillConfig): AppliedConfig;
  /** Writes what the flight recorder keeps, as after an error everywhere. @returns entries written. */
  releaseRecorded(): number;
  /** What quotas, folding and the flight recorder have left out, hold back and keep. */
  entryStages(): EntryStagesStatus;
  /** Looks at every file of the tree: for people and dashboards, not for each request. */
  getLogSummary(): Promise<LogSummary>;
  /** @throws {WaybillError} `WAYBILL_FLUSH_FAILED`, `WAYBILL_SYNC_FAILED`. */
  flush(): Promise<void>;
  /** Closes every registry and writer. Idempotent. @throws as {@link flush}, after closing everything. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Opens the log tree of a configuration for writing, creating it if need be.
 *
 * @throws {WaybillError} `WAYBILL_TREE_UNWRITABLE`, `WAYBILL_TREE_FORMAT_UNKNOWN`; `WAYBILL_WRITER_CONFLICT` when this
 * process has the tree open already; {TypeError | RangeError} for what no resolved configuration holds. Nothing is left
 * behind then.
 */
export function openLogManager(options: LogManagerOptions): LogManager {
  const { config, clock = systemClock } = options;
  const { coordinatorId, logDir } = config.coordinator;
  const tree = openTree(rootOf(logDir), { coordinatorId, clock });
  const releaseTree = claimTree(tree.layout.root);
  const opened: (() => unknown)[] = [releaseTree];
  try {
    return new TreeManager({ ...options, clock }, tree, releaseTree, opened);
  } catch (error) {
    // Nothing has been written yet: there is nothing to wait for, and nothing that could fail.
    for (const close of opened.toReversed()) void close();
    throw error;
  }
}

/** Retention deletes nothing through a link, so the tree goes by the name of what the link leads to. */
function rootOf(logDir: string): string {
  try {
    return lstatSync(logDir).isSymbolicLink() ? realpathSync(logDir) : logDir;
  } catch {
    // It is yet to be made, or whoever makes it says what stands in the way.
    return logDir;
  }
}
