import type { ContainerLogger, ContainerMetrics } from "@waybill/logger";
import { WaybillError } from "@waybill/protocols";
import { addCounts, type LevelCounts, noCounts } from "./level-counts.ts";
import { mapById } from "./map-by-id.ts";
import { requireId } from "./require-id.ts";

/** What a registry tells about itself. */
export interface RegistryStats {
  readonly containerId: string;
  /** Undefined when the container was registered without one. */
  readonly type: string | undefined;
  readonly componentCount: number;
  /** By component name; `lastActivity` in milliseconds since the epoch. Has no prototype. */
  readonly components: Readonly<Record<string, ContainerMetrics>>;
  /** RFC 3339, UTC. */
  readonly creationTime: string;
  /** Absolute path of the container's directory. */
  readonly logDirectory: string;
}

/**
 * The loggers of one container: the only way to make them, so that one component has one logger.
 *
 * Made by `LogManager.registerContainer`.
 */
export interface ContainerLogRegistry {
  readonly containerId: string;
  readonly type: string | undefined;
  readonly logDirectory: string;
  /** Entries by level of all its loggers since the registration, closed ones included. */
  readonly countsByLevel: LevelCounts;
  /**
   * The logger of a component; the same one each time.
   *
   * @throws {WaybillError} `WAYBILL_COORDINATOR_STOPPED` after the container was unregistered.
   */
  createComponentLogger(componentName: string): ContainerLogger;
  /** Flushes and closes all loggers; later ones may be created again. @throws as the writers. */
  closeAllLoggers(): Promise<void>;
  getRegistryStats(): RegistryStats;
}

/** How a container is registered. */
export interface ContainerRegistration {
  /** Decides its level where neither component nor container has one. Default: that of the configuration, if any. */
  readonly type?: string;
}

/** A registry as its manager sees it. */
export interface OwnedRegistry extends ContainerLogRegistry {
  /** Those that are open, by component name; a live view. */
  readonly loggers: ReadonlyMap<string, ContainerLogger>;
  /** Closes all loggers for good. Idempotent. */
  close(): Promise<void>;
}

/** What a registry is made of. */
export interface RegistryParts {
  readonly containerId: string;
  readonly type: string | undefined;
  readonly logDirectory: string;
  readonly createdAtMs: number;
  readonly createLogger: (componentName: string) => ContainerLogger;
  /**
   * Makes room for what loggers hold that are about to be closed: closing loses what has none. Does not reject. Default,
   * and undefined: nothing to wait for.
   */
  readonly beforeClose?: (loggers: readonly ContainerLogger[]) => Promise<void> | undefined;
  /** Told when loggers were closed: what they have written is at its end. Default nobody. */
  readonly onClosed?: () => void;
}

/** @param parts - see {@link RegistryParts}. */
export function createContainerLogRegistry(parts: RegistryParts): OwnedRegistry {
  const { containerId, type, logDirectory } = parts;
  const loggers = new Map<string, ContainerLogger>();
  let countsOfClosed = noCounts;
  let closing: Promise<void> | undefined;

  async function closeAllLoggers(): Promise<void> {
    const isReady = parts.beforeClose?.([...loggers.values()]);
    if (isReady !== undefined) await isReady;
    const open = [...loggers.values()];
    loggers.clear();
    const closed = Promise.allSettled(open.map((logger) => logger.close()));
    countsOfClosed = addCountsOf(open, countsOfClosed);
    const failed = (await closed).find((result) => result.status === "rejected");
    parts.onClosed?.();
    if (failed !== undefined) throw failed.reason;
  }

  return {
    containerId,
    type,
    logDirectory,
    loggers,
    get countsByLevel() {
      return addCountsOf(loggers.values(), countsOfClosed);
    },
    createComponentLogger(componentName) {
      if (closing !== undefined) {
        throw new WaybillError(
          "WAYBILL_COORDINATOR_STOPPED",
          `container ${JSON.stringify(containerId)} is unregistered, ${JSON.stringify(componentName)} gets no logger`,
          { details: { containerId, componentName } },
        );
      }
      requireId("component", componentName);
      let logger = loggers.get(componentName);
      if (logger === undefined) {
        logger = parts.createLogger(componentName);
        loggers.set(componentName, logger);
      }
      return logger;
    },
    closeAllLoggers,
    close() {
      closing ??= closeAllLoggers();
      return closing;
    },
    getRegistryStats: () => ({
      containerId,
      type,
      componentCount: loggers.size,
      components: mapById([...loggers].map(([name, logger]) => [name, logger.metrics])),
      creationTime: new Date(parts.createdAtMs).toISOString(),
      logDirectory,
    }),
  };
}

function addCountsOf(loggers: Iterable<ContainerLogger>, counts: LevelCounts): LevelCounts {
  let sum = counts;
  for (const { metrics } of loggers) sum = addCounts(sum, metrics.countsByLevel);
  return sum;
}
