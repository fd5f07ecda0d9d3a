import { AsyncLocalStorage } from "node:async_hooks";
import { attachLogging, loggingOf } from "@waybill/capabilities";
import { type Clock, WaybillError } from "@waybill/protocols";
import type { LoggedContainer } from "./container-factory.ts";
import { callFirst, requireContainer } from "./container-factory.ts";
import type { ContainerLogRegistry } from "./container-log-registry.ts";
import { withDeadline } from "./deadline.ts";
import { createLazyLoggable } from "./lazy-loggable.ts";
import type { LogManager } from "./log-manager.ts";

/**
 * Where a container is in its life. Only forward: a stopped one is forgotten, and its id may be created anew.
 * - `creating`: its factory or `initialize` runs.
 * - `running`
 * - `stopping`: its `shutdown` or `cleanup` runs, or its logs are being closed.
 */
export type ContainerState = "creating" | "running" | "stopping";

/** What the life of a container depends on. */
export interface ContainerLifePorts {
  readonly logManager: LogManager;
  readonly clock: Clock;
  /** Milliseconds that creation, and then shutdown, may still take once the container is to stop. */
  readonly shutdownDeadlineMs: number;
  /** Calls the factory. */
  readonly make: (registry: ContainerLogRegistry) => object | Promise<object>;
  /** Told when the container runs. */
  readonly onRunning: (component: object) => void;
  /** Told when nothing of the container is left, or was ever there. */
  readonly onGone: () => void;
}

const containerManager = "container_manager";

/** A stretch of a container's life in which its own code runs and the coordinator waits for it. */
type Phase = object;

/**
 * The phases in which the code of this async context runs. By phase and not by container: what `initialize` starts
 * lives on in its context, and may well wait for a shutdown later.
 */
const phasesHere = new AsyncLocalStorage<ReadonlySet<Phase>>();

/** Runs work as if no container had called for it. */
export function outsideOfPhases<T>(work: () => T): T {
  return phasesHere.run(new Set(), work);
}

/** One container from its creation to its end. Both happen once. */
export class ContainerLife {
  readonly containerId: string;
  readonly type: string;
  readonly #ports: ContainerLifePorts;
  #state: ContainerState = "creating";
  #phase: Phase | undefined;
  #component: object | undefined;
  #creation: Promise<LoggedContainer> | undefined;
  #isCreationOver = false;
  /** Creation took too long for a shutdown that waited for it; what comes of it must be ended. */
  #isAbandoned = false;
  #stopping: Promise<void> | undefined;

  constructor(containerId: string, type: string, ports: ContainerLifePorts) {
    this.containerId = containerId;
    this.type = type;
    this.#ports = ports;
  }

  get state(): ContainerState {
    return this.#state;
  }

  /** The container with logging attached; undefined while it is being created. */
  get component(): object | undefined {
    return this.#component;
  }

  /** Whether the coordinator waits for the code that calls this. Waiting for the coordinator in turn would never end. */
  get isWaitingForCaller(): boolean {
    return this.#phase !== undefined && phasesHere.getStore()?.has(this.#phase) === true;
  }

  /** @throws what the factory and `initialize` throw; nothing of the container is left then. */
  create(): Promise<LoggedContainer> {
    this.#creation ??= this.#runPhase(() => this.#make());
    return this.#creation;
  }

  /**
   * Every call returns the same promise, except calls from the code that it waits for: those return at once.
   *
   * @throws as `LogManager.unregisterContainer`.
   */
  stop(): Promise<void> {
    const isOwnCall = this.isWaitingForCaller;
    this.#stopping ??= this.#end();
    if (!isOwnCall) return this.#stopping;
    // Whoever else waits for the promise hears of its failure, and the log has it in any case.
    this.#stopping.catch(() => undefined);
    return Promise.resolve();
  }

  #runPhase<T>(work: () => Promise<T>): Promise<T> {
    const phase: Phase = {};
    this.#phase = phase;
    return phasesHere.run(new Set([...(phasesHere.getStore() ?? []), phase]), work);
  }

  async #make(): Promise<LoggedContainer> {
    const { logManager, make } = this.#ports;
    const wasRegistered = logManager.registries.has(this.containerId);
    try {
      const registry = logManager.registerContainer(this.containerId, { type: this.type });
      // The factory may ask for its own shutdown, which has to find the creation that it is part of.
      await Promise.resolve();
      const made: unknown = await make(registry);
      requireContainer(made, this.type);
      if (this.#isAbandoned) return await this.#endAbandoned(made);
      const component = withLogging(made, registry);
      await callFirst(component, "initialize");
      if (this.#isAbandoned) return await this.#endAbandoned(component);
      this.#noteRunning(component);
      return component;
    } catch (error) {
      if (!this.#isAbandoned) await this.#rollBack(error, wasRegistered);
      throw error;
    } finally {
      this.#isCreationOver = true;
    }
  }

  #noteRunning(component: object): void {
    this.#component = component;
    this.#state = "running";
    this.#phase = undefined;
    this.#ports.onRunning(component);
    this.#ports.logManager.lifecycleLogger.info("Container created with logging", {
      container: this.containerId,
      container_type: this.type,
      lifecycle_operation: "container_creation",
    });
  }

  /** Its logs are closed already, but whatever else the container has opened is not. */
  async #endAbandoned(made: object): Promise<never> {
    await callFirst(made, "shutdown", "cleanup");
    throw new WaybillError(
      "WAYBILL_COORDINATOR_STOPPED",
      `container ${JSON.stringify(this.containerId)} was shut down while it was being created`,
      { details: { containerId: this.containerId } },
    );
  }

  async #rollBack(error: unknown, wasRegistered: boolean): Promise<void> {
    this.#logFailure("Container could not be created", error, "container_creation_failed");
    // A registration that was there before belongs to somebody else.
    if (!wasRegistered) {
      await this.#ports.logManager.unregisterContainer(this.containerId).catch((closeError: unknown) => {
        this.#logFailure("Logs of a container could not be closed", closeError, "container_cleanup_failed");
      });
    }
    this.#ports.onGone();
  }

  async #end(): Promise<void> {
    await this.#awaitCreation();
    if (this.#isCreationOver && this.#component === undefined) return;
    this.#state = "stopping";
    const component = this.#component;
    if (component !== undefined) await this.#shutDown(component);
    try {
      await this.#ports.logManager.unregisterContainer(this.containerId);
    } catch (error) {
      this.#logFailure("Logs of a container could not be closed", error, "container_cleanup_failed");
      throw error;
    } finally {
      this.#ports.onGone();
    }
    this.#ports.logManager.lifecycleLogger.info("Container shut down and logs closed", {
      container: this.containerId,
      lifecycle_operation: "container_shutdown",
    });
  }

  async #awaitCreation(): Promise<void> {
    try {
      await this.#withinDeadline(this.create(), "creating");
    } catch (error) {
      // A creation that has failed has told so and left nothing.
      if (this.#isCreationOver) return;
      this.#isAbandoned = true;
      this.#logFailure(
        "Container was still being created at its shutdown",
        error,
        "container_shutdown_failed",
      );
    }
  }

  async #shutDown(component: object): Promise<void> {
    try {
      await this.#withinDeadline(
        this.#runPhase(() => callFirst(component, "shutdown", "cleanup")),
        "shutting down",
      );
    } catch (error) {
      this.#logFailure("Container failed to shut down", error, "container_shutdown_failed");
    } finally {
      this.#phase = undefined;
    }
  }

  #withinDeadline(work: Promise<unknown>, what: string): Promise<void> {
    const { shutdownDeadlineMs, clock } = this.#ports;
    return withDeadline(
      work,
      shutdownDeadlineMs,
      `${what} container ${JSON.stringify(this.containerId)}`,
      clock,
    );
  }

  #logFailure(message: string, error: unknown, operation: string): void {
    this.#ports.logManager.lifecycleLogger.error(message, {
      container: this.containerId,
      type: this.type,
      error,
      lifecycle_operation: operation,
    });
  }
}

/** A container that has come with logging attached keeps it. */
function withLogging(container: object, registry: ContainerLogRegistry): LoggedContainer {
  if (loggingOf(container) !== undefined) return container as LoggedContainer;
  return attachLogging(container, createLazyLoggable(registry, containerManager));
}
