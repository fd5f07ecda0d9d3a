import { effectiveLevel, type WaybillConfig } from "@waybill/config";
import { type LogTree, listSegments, openTree } from "@waybill/log-tree";
import type { ContainerLogger } from "@waybill/logger";
import {
  type Clock,
  type Level,
  systemClock,
  type Tier,
  WaybillError,
  type Writer,
} from "@waybill/protocols";
import type { WriterPool } from "@waybill/writers";
import {
  type ContainerLogRegistry,
  type ContainerRegistration,
  createContainerLogRegistry,
  type OwnedRegistry,
} from "./container-log-registry.ts";
import { createFailureReport, printToStderr } from "./failure-report.ts";
import { type LogSummary, oldestEntryMs, structureOf, usageOf } from "./log-summary.ts";
import { createLoggerFactory, type LoggerFactory } from "./logger-factory.ts";
import { withdrawLogManager } from "./process-managers.ts";
import { requireId } from "./require-id.ts";
import { streamOptionsOf } from "./stream-options.ts";
import { claimTree } from "./tree-claim.ts";
import { createTreePool } from "./tree-pool.ts";
import { createTreeWriters, type TreeWriters } from "./tree-writers.ts";

/** What {@link openLogManager} needs. */
export interface LogManagerOptions {
  /** Resolved by `@waybill/config`; its `coordinator.logDir` is where the tree stands. */
  readonly config: WaybillConfig;
  /** Takes the rare line for people that logging fails. Default: stderr. */
  readonly print?: (line: string) => void;
  /** Default: the clock of this process. */
  readonly clock?: Clock;
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
 * process has the tree open already. Nothing is left behind then.
 */
export function openLogManager(options: LogManagerOptions): LogManager {
  const { config, clock = systemClock } = options;
  const { coordinatorId, logDir } = config.coordinator;
  const tree = openTree(logDir, { coordinatorId, clock });
  const releaseTree = claimTree(tree.layout.root);
  try {
    return new TreeManager(options, tree, releaseTree);
  } catch (error) {
    releaseTree();
    throw error;
  }
}

class TreeManager implements LogManager {
  readonly config: WaybillConfig;
  readonly tree: LogTree;
  readonly systemLogger: ContainerLogger;
  readonly lifecycleLogger: ContainerLogger;
  readonly #clock: Clock;
  readonly #pool: WriterPool;
  readonly #writers: TreeWriters;
  readonly #releaseTree: () => void;
  /** `system/log_manager.log`: what the manager itself does and suffers … */
  readonly #ownLogger: ContainerLogger;
  /** … and the containers that come and go. */
  readonly #registrationLogger: ContainerLogger;
  readonly #registries = new Map<string, OwnedRegistry>();
  readonly #createLogger: LoggerFactory;
  #closing: Promise<void> | undefined;

  constructor(options: LogManagerOptions, tree: LogTree, releaseTree: () => void) {
    const { config, print = printToStderr, clock = systemClock } = options;
    const { logging } = config;
    this.config = config;
    this.tree = tree;
    this.#releaseTree = releaseTree;
    this.#clock = clock;
    this.#pool = createTreePool(tree.layout, logging.performance, {
      clock,
      report: createFailureReport(print, clock),
      logger: () => this.#ownLogger,
    });
    this.#writers = createTreeWriters(
      this.#pool,
      tree.layout,
      streamOptionsOf(logging.performance),
      this.coordinatorId,
      logging.logLevels.eventFlows,
    );
    this.#createLogger = createLoggerFactory(logging, {
      writers: this.#writers,
      clock,
      onUnknownTier: (tier) => this.systemLogger.warn("Unknown tier; add it to logging.tiers", { tier }),
    });
    const { system, lifecycleManagement } = logging.logLevels;
    this.systemLogger = this.#createSystemLogger("coordinator", system);
    this.lifecycleLogger = this.#createSystemLogger("coordinator", lifecycleManagement);
    this.#ownLogger = this.#createSystemLogger("log_manager", system);
    this.#registrationLogger = this.#createSystemLogger("log_manager", lifecycleManagement);
    this.#ownLogger.info("Log management system initialized", {
      base_log_dir: this.tree.layout.root,
      created: this.tree.created,
      mode: logging.performance.mode,
      lifecycle_operation: "initialization",
    });
  }

  get coordinatorId(): string {
    return this.config.coordinator.coordinatorId;
  }

  get registries(): ReadonlyMap<string, ContainerLogRegistry> {
    return this.#registries;
  }

  registerContainer(containerId: string, registration: ContainerRegistration = {}): ContainerLogRegistry {
    if (this.#closing !== undefined) {
      throw new WaybillError(
        "WAYBILL_COORDINATOR_STOPPED",
        `the log manager is closed, ${containerId} cannot register`,
      );
    }
    requireId("container", containerId);
    const type = registration.type ?? this.config.containers[containerId]?.type;
    const known = this.#registries.get(containerId);
    if (known === undefined) return this.#addRegistry(containerId, type);
    if (registration.type === undefined || known.type === type) return known;
    throw new WaybillError(
      "WAYBILL_CONTAINER_CONFLICT",
      `container ${JSON.stringify(containerId)} is registered with type ${known.type ?? "none"}, not ${String(type)}`,
      { details: { containerId, registered: known.type, given: type } },
    );
  }

  async unregisterContainer(containerId: string): Promise<void> {
    const registry = this.#registries.get(containerId);
    if (registry === undefined) return;
    this.#registries.delete(containerId);
    try {
      await registry.close();
    } finally {
      this.#registrationLogger.info("Unregistered container logging", {
        container: containerId,
        lifecycle_operation: "container_cleanup",
      });
    }
  }

  flowWriter(tier: Tier | "internal"): Writer {
    return this.#writers.ofFlows(tier);
  }

  async getLogSummary(): Promise<LogSummary> {
    const inventory = await listSegments(this.tree.layout.root);
    const usage = usageOf(inventory);
    const oldestMs = await oldestEntryMs(inventory);
    return {
      coordinatorId: this.coordinatorId,
      activeContainers: this.#registries.size,
      totalLogDirectories: inventory.summary.containers,
      baseLogDir: this.tree.layout.root,
      diskUsageMb: usage.totalMb,
      diskUsageMbByKind: usage.byKind,
      oldestLog: oldestMs === undefined ? undefined : new Date(oldestMs).toISOString(),
      logStructure: structureOf(inventory),
      performanceSettings: this.config.logging.performance,
      retentionPolicy: this.config.logging.retentionPolicy,
      writers: this.#pool.status(),
    };
  }

  flush(): Promise<void> {
    return this.#pool.flush();
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #end(): Promise<void> {
    withdrawLogManager(this);
    const registries = [...this.#registries.values()];
    this.#registries.clear();
    this.#ownLogger.info("Log management system closed", {
      containers: registries.length,
      lifecycle_operation: "shutdown",
    });
    // The pool closes every writer, whatever a registry's own failure is; that failure is told once.
    const results = await Promise.allSettled(registries.map((registry) => registry.close()));
    try {
      await this.#pool.close();
    } finally {
      this.#releaseTree();
    }
    const failed = results.find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  #addRegistry(containerId: string, type: string | undefined): OwnedRegistry {
    const logDirectory = this.tree.layout.containerDirectory(containerId);
    const registry = createContainerLogRegistry({
      containerId,
      type,
      logDirectory,
      createdAtMs: this.#clock.now(),
      createLogger: (component) =>
        this.#createLogger(
          containerId,
          component,
          this.#writers.ofComponent(containerId, component),
          effectiveLevel(this.config, { kind: "containers", containerId, type, component }),
        ),
    });
    this.#registries.set(containerId, registry);
    this.#registrationLogger.info("Registered container for logging", {
      container: containerId,
      type,
      log_dir: logDirectory,
      lifecycle_operation: "container_registration",
    });
    return registry;
  }

  #createSystemLogger(component: string, level: Level): ContainerLogger {
    return this.#createLogger(this.coordinatorId, component, this.#writers.ofSystem(component), level);
  }
}
