import type { WaybillConfig } from "@waybill/config";
import type { LogTree } from "@waybill/log-tree";
import type { ContainerLogger } from "@waybill/logger";
import {
  type Clock,
  isWaybillError,
  type Level,
  type Tier,
  WaybillError,
  type Writer,
} from "@waybill/protocols";
import { createSpaceBudget, type SpaceBudget, type WriterPool } from "@waybill/writers";
import {
  type ContainerLogRegistry,
  type ContainerRegistration,
  createContainerLogRegistry,
  type OwnedRegistry,
} from "./container-log-registry.ts";
import { createContainerRoll, type KeptRoll } from "./container-roll.ts";
import { createFailureReport, printToStderr } from "./failure-report.ts";
import {
  createLevelBook,
  type LevelBook,
  type LevelSubject,
  type SetLevelOptions,
} from "./live/level-book.ts";
import { type AppliedConfig, compareConfigs, takeLiveSections } from "./live/live-settings.ts";
import type { LogManager, LogManagerOptions } from "./log-manager.ts";
import { type LogSummary, readLogSummary } from "./log-summary.ts";
import { createLoggerFactory, type EntryStagesStatus, type LoggerFactory } from "./logger-factory.ts";
import { createTreeMaintenance, type TreeMaintenance } from "./maintenance/tree-maintenance.ts";
import { openTreeMonitor, type TreeMonitor } from "./monitoring/tree-monitor.ts";
import { withdrawLogManager } from "./process-managers.ts";
import { requireId } from "./require-id.ts";
import { createSystemLoggers, type SystemLoggers } from "./system-loggers.ts";
import { createTreePool } from "./tree-pool.ts";
import { createTreeWriters, type TreeWriters } from "./tree-writers.ts";

/** Runs that made no room after each other, the first of which may have come after one that had just made all. */
const vainRunsMax = 2;

const bytesPerMb = 1_048_576;

/** The manager of a tree that this process has claimed. */
export class TreeManager implements LogManager {
  readonly tree: LogTree;
  readonly systemLogger: ContainerLogger;
  readonly lifecycleLogger: ContainerLogger;
  readonly maintenance: TreeMaintenance;
  readonly monitor: TreeMonitor;
  readonly #clock: Clock;
  readonly #pool: WriterPool;
  readonly #space: SpaceBudget;
  readonly #writers: TreeWriters;
  readonly #releaseTree: () => void;
  /** `system/log_manager.log`: what the manager itself does and suffers … */
  readonly #ownLogger: ContainerLogger;
  /** … and the containers that come and go. */
  readonly #registrationLogger: ContainerLogger;
  readonly #system: SystemLoggers;
  readonly #registries = new Map<string, OwnedRegistry>();
  readonly #roll: KeptRoll;
  readonly #loggers: LoggerFactory;
  readonly #levels: LevelBook;
  #config: WaybillConfig;
  #closing: Promise<void> | undefined;

  /** @param opened - gets what must be closed again should this throw. */
  constructor(
    options: LogManagerOptions & { readonly clock: Clock },
    tree: LogTree,
    releaseTree: () => void,
    opened: (() => unknown)[],
  ) {
    const { config, print = printToStderr, clock, monitorClock = clock, onAlert } = options;
    const { logging } = config;
    this.#config = config;
    this.tree = tree;
    this.#releaseTree = releaseTree;
    this.#clock = clock;
    const space = createSpaceBudget();
    this.#space = space;
    this.#pool = createTreePool(tree.layout, logging.performance, {
      clock,
      report: createFailureReport(print, clock),
      logger: () => this.#ownLogger,
      space,
      onPressure: () => this.maintenance.notePressure(),
      onSealed: (path) => this.maintenance.noteSealed(path),
      onCompressed: (path, sealedPath) => this.maintenance.noteCompressed(path, sealedPath),
      onWritten: (oldestMs, writtenMs) => this.monitor.recordWritten(oldestMs, writtenMs),
    });
    opened.push(() => this.#pool.close());
    this.#roll = createContainerRoll(this.#registries, () => this.#config, clock);
    this.maintenance = createTreeMaintenance({
      logging,
      layout: tree.layout,
      pool: this.#pool,
      space,
      containers: this.#roll,
      isNew: tree.created,
      logger: () => this.#ownLogger,
      clock,
    });
    this.monitor = openTreeMonitor(config, {
      ledger: () => this.maintenance.measure(),
      writers: () => this.#pool.status(),
      lifecycle: () => this.maintenance.totals,
      registries: this.#registries,
      logger: { log: (level, message, context) => this.#ownLogger.log(level, message, context) },
      performanceLogger: () => this.#system.create("performance_metrics", "system"),
      onAlert,
      onPressure: () => this.maintenance.notePressure(),
      clock: monitorClock,
    });
    opened.push(() => this.monitor.close());
    this.#writers = createTreeWriters(this.#pool, tree.layout, this.coordinatorId, settingsOf(config));
    this.#loggers = createLoggerFactory(logging, {
      writers: this.#writers,
      clock,
      errors: this.monitor.errors,
      onUnknownTier: (tier) => this.systemLogger.warn("Unknown tier; add it to logging.tiers", { tier }),
    });
    opened.push(() => this.#loggers.close());
    this.#levels = createLevelBook({
      config,
      loggers: () => this.#allLoggers(),
      onFallBack: (pattern) =>
        this.#ownLogger.info("A level fell back", { pattern, lifecycle_operation: "level_fallback" }),
      clock,
    });
    this.#system = createSystemLoggers(this.coordinatorId, this.#writers, this.#loggers, this.#levels);
    this.systemLogger = this.#system.create("coordinator", "system");
    this.lifecycleLogger = this.#system.create("coordinator", "lifecycleManagement");
    this.#ownLogger = this.#system.create("log_manager", "system");
    this.#registrationLogger = this.#system.create("log_manager", "lifecycleManagement");
    this.#ownLogger.info("Log management system initialized", {
      base_log_dir: this.tree.layout.root,
      created: this.tree.created,
      mode: logging.performance.mode,
      lifecycle_operation: "initialization",
    });
    this.maintenance.start();
    this.monitor.start();
  }

  get config(): WaybillConfig {
    return this.#config;
  }

  get coordinatorId(): string {
    return this.#config.coordinator.coordinatorId;
  }

  get registries(): ReadonlyMap<string, ContainerLogRegistry> {
    return this.#registries;
  }

  registerContainer(containerId: string, registration: ContainerRegistration = {}): ContainerLogRegistry {
    this.#requireOpen(`${containerId} cannot register`);
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
    this.#roll.noteUnregistered(containerId);
    try {
      await registry.close();
    } finally {
      this.monitor.noteGone(registry);
      this.monitor.noteActivity({ event: "container_unregistered", status: "success", containerId });
      this.#registrationLogger.info("Unregistered container logging", {
        container: containerId,
        lifecycle_operation: "container_cleanup",
      });
    }
  }

  flowWriter(tier: Tier | "internal"): Writer {
    return this.#writers.ofFlows(tier);
  }

  setLevel(pattern: string, level: Level | undefined, options: SetLevelOptions = {}): number {
    this.#requireOpen("no level is set");
    const loggers = this.#levels.setLevel(pattern, level, options);
    const for_ms = options.forMs;
    this.#ownLogger.info("A level was set", {
      pattern,
      level,
      for_ms,
      loggers,
      lifecycle_operation: "level_set",
    });
    return loggers;
  }

  applyConfig(next: WaybillConfig): AppliedConfig {
    this.#requireOpen("no configuration is applied");
    const before = this.#config;
    const result = compareConfigs(before, next);
    try {
      this.#take(takeLiveSections(before, next));
    } catch (error) {
      // What came before the one that refuses has taken it over already.
      this.#take(before);
      throw error;
    }
    const { applied, needsRestart } = result;
    const fields = { applied, needs_restart: needsRestart, lifecycle_operation: "config_applied" };
    if (needsRestart.length > 0)
      this.#ownLogger.warn("Configuration applied; some of it needs a restart", fields);
    else if (applied.length > 0) this.#ownLogger.info("Configuration applied", fields);
    return result;
  }

  releaseRecorded(): number {
    return this.#loggers.releaseRecorded();
  }

  entryStages(): EntryStagesStatus {
    return this.#loggers.status();
  }

  getLogSummary(): Promise<LogSummary> {
    return readLogSummary(this, this.#pool.status());
  }

  flush(): Promise<void> {
    this.#loggers.tell();
    return this.#flushIntoRoom(() => this.#pool.flush());
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
    this.#levels.close();
    // Makes room for what waits, as long as that can be done. What it throws, closing throws again.
    await this.flush().catch(() => undefined);
    // What they tell belongs in the logs that are closed next.
    const endings = await Promise.allSettled([this.maintenance.stop(), this.monitor.close()]);
    const registries = [...this.#registries.values()];
    this.#registries.clear();
    this.#ownLogger.info("Log management system closed", {
      containers: registries.length,
      lifecycle_operation: "shutdown",
    });
    // The pool closes every writer, whatever a registry's own failure is; that failure is told once.
    const closings = await Promise.allSettled(registries.map((registry) => registry.close()));
    this.#loggers.close();
    try {
      await this.#pool.close();
    } finally {
      this.#releaseTree();
    }
    const failed = [...closings, ...endings].find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  /** Where only the limit of the tree stands in the way, room can be made: for more may wait than one run frees. */
  async #flushIntoRoom(flush: () => Promise<void>): Promise<void> {
    for (let vainRuns = 0; ; ) {
      try {
        await flush();
        return;
      } catch (error) {
        if (!isSpaceExhausted(error) || vainRuns === vainRunsMax) throw error;
        const { bytesFreed } = await this.maintenance.run();
        vainRuns = bytesFreed > 0 ? 0 : vainRuns + 1;
      }
    }
  }

  /** Far from the limit nothing has to wait for room. What cannot be written, closing throws. */
  #prepareClosing(loggers: readonly ContainerLogger[]): Promise<void> | undefined {
    const heldMaxBytes = this.#config.logging.performance.totalQueueLimitMb * bytesPerMb;
    if (this.#space.remainingBytes > heldMaxBytes || this.#closing !== undefined) return undefined;
    const flush = async (): Promise<void> => {
      const flushes = await Promise.allSettled(loggers.map((logger) => logger.flush()));
      const failed = flushes.find((result) => result.status === "rejected");
      if (failed !== undefined) throw failed.reason;
    };
    return this.#flushIntoRoom(flush).catch(() => undefined);
  }

  #requireOpen(consequence: string): void {
    if (this.#closing === undefined) return;
    throw new WaybillError("WAYBILL_COORDINATOR_STOPPED", `the log manager is closed, ${consequence}`);
  }

  #take(config: WaybillConfig): void {
    this.#writers.reconfigure(settingsOf(config));
    this.monitor.reconfigure(config);
    this.#loggers.reconfigure(config.logging);
    this.#levels.reconfigure(config);
    this.maintenance.reconfigure(config.logging);
    this.#config = config;
  }

  #addRegistry(containerId: string, type: string | undefined): OwnedRegistry {
    const logDirectory = this.tree.layout.containerDirectory(containerId);
    const registry = createContainerLogRegistry({
      containerId,
      type,
      logDirectory,
      createdAtMs: this.#clock.now(),
      createLogger: (component) =>
        this.#loggers.create(
          containerId,
          type,
          component,
          this.#writers.ofComponent(containerId, component),
          this.#levels.levelOf({ kind: "containers", containerId, type, component }),
        ),
      beforeClose: (loggers) => this.#prepareClosing(loggers),
      onClosed: () => this.maintenance.noteClosed(logDirectory),
    });
    this.#registries.set(containerId, registry);
    this.#roll.noteRegistered(containerId);
    this.monitor.noteActivity({ event: "container_registered", status: "success", containerId });
    this.#registrationLogger.info("Registered container for logging", {
      container: containerId,
      type,
      log_dir: logDirectory,
      lifecycle_operation: "container_registration",
    });
    return registry;
  }

  *#allLoggers(): Generator<readonly [LevelSubject, ContainerLogger]> {
    yield* this.#system.all();
    for (const { containerId, type, loggers } of this.#registries.values()) {
      for (const [component, logger] of loggers)
        yield [{ kind: "containers", containerId, type, component }, logger];
    }
  }
}

function isSpaceExhausted(error: unknown): boolean {
  return isWaybillError(error) && error.details?.["errno"] === "WAYBILL_SPACE_EXHAUSTED";
}

function settingsOf({ logging }: WaybillConfig) {
  return { performance: logging.performance, flowsFrom: logging.logLevels.eventFlows };
}
