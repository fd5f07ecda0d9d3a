import type { WaybillConfig } from "@waybill/config";
import { createEventFlowTracer, type EventFlowTracer } from "@waybill/flows";
import type { ContainerLogger } from "@waybill/logger";
import { type Clock, systemClock, WaybillError } from "@waybill/protocols";
import {
  type ContainerFactories,
  type ContainerFactory,
  type ContainerOf,
  type ContainerSpec,
  type LoggedContainer,
  parseFactories,
} from "./container-factory.ts";
import { ContainerLife, outsideOfPhases } from "./container-life.ts";
import type { ContainerLogRegistry } from "./container-log-registry.ts";
import { drainOnSignals } from "./ending-signals.ts";
import { type LogManager, type LogManagerOptions, openLogManager } from "./log-manager.ts";
import { mapById } from "./map-by-id.ts";
import { offerLogManager } from "./process-managers.ts";
import { askStatus, type ContainerStatus, type SystemStatus } from "./system-status.ts";

/** What {@link openCoordinator} needs. */
export interface CoordinatorOptions<Factories extends ContainerFactories = ContainerFactories>
  extends Pick<LogManagerOptions, "config" | "print" | "onAlert" | "clock" | "monitorClock"> {
  /** Makes containers, by type. */
  readonly factories: Factories;
  /**
   * Whether SIGTERM and SIGINT shut the coordinator down and then end the process with the signal's own status; a second
   * one ends it at once. Void where the application listens for the signal itself: call `shutdown` there. Default true.
   */
  readonly handleSignals?: boolean;
  /**
   * Milliseconds, 0 to 2,147,483,647, that one container may take to shut down; afterwards its logs are closed all the
   * same, and what it still logs is lost. As long is waited first for a container that is still being created. Default
   * 5,000.
   */
  readonly shutdownDeadlineMs?: number;
}

/** Creates and ends containers, each with its own logs; owns the log manager and the flow tracer. */
export interface WorkflowCoordinator<Factories extends ContainerFactories = ContainerFactories> {
  readonly coordinatorId: string;
  readonly logManager: LogManager;
  /** `system/coordinator.log`. */
  readonly logger: ContainerLogger;
  readonly tracer: EventFlowTracer;
  /** A live view of the containers that are created and not yet gone, with logging attached. */
  readonly containers: ReadonlyMap<string, object>;
  readonly containerLogRegistries: ReadonlyMap<string, ContainerLogRegistry>;
  /**
   * Registers the logs of a container, makes it by the factory of its type, attaches logging to it as component
   * `container_manager` unless it comes with logging attached, and calls its `initialize` if it has one. The registry
   * knows `container_manager` from its first entry on. When any of that fails, nothing of it stays registered; the files
   * of what it has logged stay.
   *
   * @param spec - `type` and settings; both default to what the configuration says of this id.
   * @returns the container with logging attached, typed by its factory where `type` is given here.
   * @throws {WaybillError} `WAYBILL_CONTAINER_CONFLICT` for an id in use, `WAYBILL_CONTAINER_TYPE_UNKNOWN`,
   * `WAYBILL_COORDINATOR_STOPPED`; otherwise what the factory or `initialize` throws.
   */
  createContainer<Type extends keyof Factories & string>(
    containerId: string,
    spec: ContainerSpec & { readonly type: Type },
  ): Promise<ContainerOf<Factories, Type>>;
  createContainer(containerId: string, spec?: ContainerSpec): Promise<LoggedContainer>;
  /** Creates every container of the configuration, in its order. @throws as {@link createContainer}, at the first. */
  createConfiguredContainers(): Promise<void>;
  /**
   * Calls the container's `shutdown` (or `cleanup`), then closes its logs. What the container throws is logged. Every
   * call for one container returns the same promise, except that a call from code that the shutdown itself waits for
   * returns at once. An unknown container is no error.
   *
   * @throws {WaybillError} `WAYBILL_FLUSH_FAILED`, `WAYBILL_SYNC_FAILED` when its last entries could not be written.
   */
  shutdownContainer(containerId: string): Promise<void>;
  /** Looks at every file of the tree, as `LogManager.getLogSummary`. A container that cannot tell its status hides none. */
  getSystemStatus(): Promise<SystemStatus>;
  /**
   * Shuts down all containers at once and closes all logs. Idempotent; returns at once where a container calls it that
   * it would wait for. @throws as `LogManager.close`, after closing everything.
   */
  shutdown(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const defaultShutdownDeadlineMs = 5000;
/** Longer timers fire at once: Node keeps their delay in 32 bits. */
const longestTimerMs = 2_147_483_647;

/**
 * Opens the log tree and starts coordinating. Its log manager becomes that of the process, unless there is one.
 *
 * @throws {TypeError | RangeError} for a wrong option.
 * @throws {WaybillError} as `openLogManager`.
 */
export function openCoordinator<const Factories extends ContainerFactories>(
  options: CoordinatorOptions<Factories>,
): WorkflowCoordinator<Factories>;
export function openCoordinator(options: CoordinatorOptions): WorkflowCoordinator {
  return new Coordinator(options);
}

class Coordinator implements WorkflowCoordinator {
  readonly logManager: LogManager;
  readonly tracer: EventFlowTracer;
  readonly #config: WaybillConfig;
  readonly #factories: ReadonlyMap<string, ContainerFactory>;
  readonly #clock: Clock;
  readonly #shutdownDeadlineMs: number;
  readonly #startedUs: number;
  /** By container id, from the begin of creation until nothing is left. */
  readonly #lives = new Map<string, ContainerLife>();
  readonly #containers = new Map<string, object>();
  readonly #withdrawManager: () => void;
  readonly #stopSignals: () => void;
  #stopping: Promise<void> | undefined;
  #isStopped = false;

  constructor(options: CoordinatorOptions) {
    const { config, print, onAlert, monitorClock } = options;
    this.#config = config;
    this.#factories = parseFactories(options.factories);
    this.#clock = options.clock ?? systemClock;
    this.#shutdownDeadlineMs = parseDeadline(options.shutdownDeadlineMs ?? defaultShutdownDeadlineMs);
    this.#startedUs = this.#clock.monotonicUs();
    // Before the tree is opened, as it may refuse its options; it asks for writers later.
    this.tracer = createEventFlowTracer(
      {
        coordinatorId: this.coordinatorId,
        writerFor: (tier) => this.logManager.flowWriter(tier),
        tiers: config.logging.tiers,
      },
      { clock: this.#clock },
    );
    this.logManager = openLogManager({
      config,
      clock: this.#clock,
      ...(print === undefined ? {} : { print }),
      ...(onAlert === undefined ? {} : { onAlert }),
      ...(monitorClock === undefined ? {} : { monitorClock }),
    });
    this.#withdrawManager = offerLogManager(this.logManager);
    this.#stopSignals =
      options.handleSignals === false ? () => undefined : drainOnSignals((signal) => this.#drain(signal));
    this.logger.info("Coordinator started", {
      configured_containers: Object.keys(config.containers).length,
      lifecycle_operation: "coordinator_start",
    });
  }

  get coordinatorId(): string {
    return this.#config.coordinator.coordinatorId;
  }

  get logger(): ContainerLogger {
    return this.logManager.systemLogger;
  }

  get containers(): ReadonlyMap<string, object> {
    return this.#containers;
  }

  get containerLogRegistries(): ReadonlyMap<string, ContainerLogRegistry> {
    return this.logManager.registries;
  }

  async createContainer(containerId: string, spec: ContainerSpec = {}): Promise<LoggedContainer> {
    const inJson = JSON.stringify(containerId);
    if (this.#stopping !== undefined) {
      throw new WaybillError(
        "WAYBILL_COORDINATOR_STOPPED",
        `the coordinator is stopping, ${inJson} is not created`,
        {
          details: { containerId },
        },
      );
    }
    if (this.#lives.has(containerId)) {
      throw new WaybillError("WAYBILL_CONTAINER_CONFLICT", `a container ${inJson} exists already`, {
        details: { containerId },
      });
    }
    const life = this.#planLife(containerId, spec);
    this.#lives.set(containerId, life);
    return life.create();
  }

  async createConfiguredContainers(): Promise<void> {
    for (const containerId of Object.keys(this.#config.containers)) await this.createContainer(containerId);
  }

  shutdownContainer(containerId: string): Promise<void> {
    return this.#lives.get(containerId)?.stop() ?? Promise.resolve();
  }

  async getSystemStatus(): Promise<SystemStatus> {
    const containers: [string, ContainerStatus][] = [];
    for (const [containerId, { type, state, component }] of this.#lives) {
      const registry = this.logManager.registries.get(containerId);
      if (registry === undefined) continue;
      const asked =
        component === undefined ? { status: undefined, statusError: undefined } : askStatus(component);
      containers.push([containerId, { type, state, ...asked, logRegistry: registry.getRegistryStats() }]);
    }
    const stopState = this.#isStopped ? "stopped" : "stopping";
    return {
      coordinator: {
        id: this.coordinatorId,
        state: this.#stopping === undefined ? "running" : stopState,
        activeContainers: this.#containers.size,
        uptimeHours: (this.#clock.monotonicUs() - this.#startedUs) / 3_600_000_000,
      },
      logging: await this.logManager.getLogSummary(),
      flows: this.tracer.stats(),
      containers: mapById(containers),
    };
  }

  shutdown(): Promise<void> {
    const isOwnCall = [...this.#lives.values()].some((life) => life.isWaitingForCaller);
    // From outside, so that the container that asks for this is waited for like the others before its logs close.
    this.#stopping ??= outsideOfPhases(() => this.#stopAll());
    if (!isOwnCall) return this.#stopping;
    // Whoever else waits for the promise hears of its failure.
    this.#stopping.catch(() => undefined);
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  /** @throws {WaybillError} `WAYBILL_CONTAINER_TYPE_UNKNOWN`. */
  #planLife(containerId: string, spec: ContainerSpec): ContainerLife {
    const { type: givenType, ...givenSettings } = spec;
    const configured = this.#config.containers[containerId];
    const type = givenType ?? configured?.type;
    const factory = type === undefined ? undefined : this.#factories.get(type);
    if (type === undefined || factory === undefined) throw this.#unknownType(containerId, type);
    const settings = { ...configured?.settings, ...givenSettings };
    const { tracer, coordinatorId } = this;
    return new ContainerLife(containerId, type, {
      logManager: this.logManager,
      clock: this.#clock,
      shutdownDeadlineMs: this.#shutdownDeadlineMs,
      make: (registry) => factory({ containerId, type, settings, registry, tracer, coordinatorId }),
      onRunning: (component) => this.#containers.set(containerId, component),
      onGone: () => {
        this.#containers.delete(containerId);
        this.#lives.delete(containerId);
      },
    });
  }

  async #stopAll(): Promise<void> {
    this.logger.info("Starting coordinator shutdown", {
      containers: this.#lives.size,
      lifecycle_operation: "coordinator_shutdown",
    });
    const results = await Promise.allSettled([...this.#lives.values()].map((life) => life.stop()));
    this.#stopSignals();
    this.#withdrawManager();
    try {
      await this.logManager.close();
    } finally {
      this.#isStopped = true;
    }
    const failed = results.find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  async #drain(signal: NodeJS.Signals): Promise<void> {
    this.logger.warn("Ending on a signal", { signal, lifecycle_operation: "signal" });
    await this.shutdown();
  }

  #unknownType(containerId: string, type: string | undefined): WaybillError {
    const known = [...this.#factories.keys()].join(", ") || "none";
    const message =
      type === undefined
        ? `container ${JSON.stringify(containerId)} has no type; known types: ${known}`
        : `container ${JSON.stringify(containerId)} has the unknown type ${JSON.stringify(type)}; known types: ${known}`;
    return new WaybillError("WAYBILL_CONTAINER_TYPE_UNKNOWN", message, { details: { containerId, type } });
  }
}

function parseDeadline(deadlineMs: number): number {
  if (deadlineMs >= 0 && deadlineMs <= longestTimerMs) return deadlineMs;
  throw new RangeError(`shutdownDeadlineMs must be 0 to ${longestTimerMs} milliseconds, not ${deadlineMs}`);
}
