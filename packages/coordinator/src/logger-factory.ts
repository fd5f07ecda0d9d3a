import type { FlightRecorderConfig, LoggingConfig } from "@waybill/config";
import {
  type ContainerLogger,
  type ContainerLoggerOptions,
  type ContainerQuota,
  createContainerLogger,
  createContainerQuota,
  createCorrelationIndex,
  createFlightRecorder,
  createOverview,
  type FlightRecorder,
  type FlightRecorderStatus,
  limitWriter,
  type Overview,
  overviewWriter,
  type RecordedLogger,
  type StageWriter,
} from "@waybill/logger";
import type { Clock, Level, Writer } from "@waybill/protocols";
import { createScopeDetector, type ScopeDetector } from "@waybill/scope";
import { flushAtExit } from "@waybill/writers";
import { ComponentStream, type FoldingCounts } from "./entry-stages/component-stream.ts";
import { ContainerQuotas, type QuotasStatus } from "./entry-stages/container-quotas.ts";
import { areSame, masterLimitOf, recorderOptionsOf } from "./entry-stages/stage-options.ts";
import type { TreeWriters } from "./tree-writers.ts";

/** What {@link createLoggerFactory} works with. */
export interface LoggerFactoryPorts {
  readonly writers: Pick<TreeWriters, "ofMaster" | "ofCorrelations">;
  readonly clock: Clock;
  /** Told once per tier name that is not configured. */
  readonly onUnknownTier: (tier: string) => void;
  /** Told of every error that is written, of all loggers. Default nobody. */
  readonly errors?: ContainerLoggerOptions["errors"];
}

/** What is left out, held back and kept between the loggers of a tree and its files, in entries. */
export interface EntryStagesStatus {
  /** Undefined while it is switched off. */
  readonly recorder: FlightRecorderStatus | undefined;
  readonly quotas: QuotasStatus;
  readonly folding: FoldingCounts;
  /** `dropped`: left out of `master.log` because of `master.max_entries_per_second`. */
  readonly master: { readonly dropped: number };
}

/**
 * Makes the loggers of one tree, with all that they share: `master.log` and its limit, the index of correlations, the
 * detection of scopes, the flight recorder; and in front of the file of each component its quota and folding.
 *
 * What stages hold back is written at every end of the process that `flushAtExit` of `@waybill/writers` knows.
 */
export interface LoggerFactory {
  /** A logger of a container on its own writer, which it closes. */
  create(
    containerId: string,
    type: string | undefined,
    componentName: string,
    writer: Writer,
    level: Level,
  ): ContainerLogger;
  /** A logger of Waybill itself: neither quota nor folding applies to it. */
  createSystem(coordinatorId: string, componentName: string, writer: Writer, level: Level): ContainerLogger;
  /**
   * Other limits for the loggers that are open and for those to come: quotas, folding, flight recorder, and the level and
   * limit of `master.log`. What is held back is told, what the recorder keeps stays as far as it fits. Tiers and
   * prefixes of correlations stay as they were.
   */
  reconfigure(logging: LoggingConfig): void;
  /** Writes all that the flight recorder keeps. @returns entries written; 0 when it is switched off. */
  releaseRecorded(): number;
  /** Hands what stages hold back to the writers of the files: call it before these are flushed. */
  tell(): void;
  status(): EntryStagesStatus;
  /** Call it after the loggers are closed, and before the writers are. Idempotent. */
  close(): void;
}

/** @param logging - as resolved by `@waybill/config`. */
export function createLoggerFactory(logging: LoggingConfig, ports: LoggerFactoryPorts): LoggerFactory {
  return new StagedLoggers(logging, ports);
}

class StagedLoggers implements LoggerFactory {
  readonly #clock: Clock;
  readonly #errors: ContainerLoggerOptions["errors"];
  readonly #detector: ScopeDetector;
  readonly #overview: Overview;
  readonly #masterQuota: ContainerQuota;
  readonly #master: StageWriter;
  readonly #quotas: ContainerQuotas;
  /** Streams of containers, by what their quota goes by. */
  readonly #streams = new Map<ComponentStream, string>();
  readonly #loggers = new Set<RecordedLogger>();
  readonly #stopExitFlush: () => void;
  #logging: LoggingConfig;
  #recorder: FlightRecorder | undefined;
  /** By streams that are closed. */
  #foldedBefore = 0;
  #isExiting = false;

  constructor(logging: LoggingConfig, { writers, clock, onUnknownTier, errors }: LoggerFactoryPorts) {
    this.#logging = logging;
    this.#clock = clock;
    this.#errors = errors;
    this.#detector = createScopeDetector({ tiers: logging.tiers, onUnknownTier });
    const { minLevel, maxEntriesPerSecond } = logging.master;
    this.#masterQuota = createContainerQuota(masterLimitOf(maxEntriesPerSecond), { clock });
    this.#master = limitWriter(writers.ofMaster(), this.#masterQuota);
    this.#overview = createOverview({
      summary: { writer: this.#master, minLevel },
      correlations: createCorrelationIndex({
        writerFor: (prefix) => writers.ofCorrelations(prefix),
        prefixesMax: logging.correlations.maxPrefixes,
      }),
    });
    this.#quotas = new ContainerQuotas(logging.quotas, clock);
    this.#recorder = createRecorder(logging.flightRecorder);
    this.#stopExitFlush = flushAtExit({
      handOver: () => this.tell(),
      flushSync: () => true,
      drain: () => undefined,
      noteExit: () => this.#removeStages(),
    });
  }

  create(
    containerId: string,
    type: string | undefined,
    componentName: string,
    writer: Writer,
    level: Level,
  ): ContainerLogger {
    this.#quotas.join(containerId, type);
    const stream = new ComponentStream(overviewWriter(writer, this.#overview), this.#clock, () => {
      this.#streams.delete(stream);
      this.#loggers.delete(logger);
      this.#quotas.leave(containerId);
      this.#foldedBefore += stream.counts().folded;
    });
    this.#streams.set(stream, containerId);
    this.#setStages(stream, containerId);
    const logger = this.#createLogger(containerId, componentName, stream, level);
    return logger;
  }

  createSystem(coordinatorId: string, componentName: string, writer: Writer, level: Level): ContainerLogger {
    return this.#createLogger(coordinatorId, componentName, overviewWriter(writer, this.#overview), level);
  }

  reconfigure(logging: LoggingConfig): void {
    const before = this.#logging;
    this.#logging = logging;
    if (!areSame(before.flightRecorder, logging.flightRecorder)) this.#setRecorder(logging.flightRecorder);
    this.#quotas.reconfigure(logging.quotas);
    for (const [stream, containerId] of this.#streams) this.#setStages(stream, containerId);
    const { minLevel, maxEntriesPerSecond } = logging.master;
    this.#overview.minLevel = minLevel;
    if (maxEntriesPerSecond !== before.master.maxEntriesPerSecond) {
      this.#masterQuota.setLimits(masterLimitOf(maxEntriesPerSecond));
    }
  }

  releaseRecorded(): number {
    return this.#recorder?.releaseAll() ?? 0;
  }

  tell(): void {
    for (const stream of this.#streams.keys()) stream.tell();
    // Last, because what streams tell is told in it too.
    this.#master.tell();
  }

  status(): EntryStagesStatus {
    let folded = this.#foldedBefore;
    let waiting = 0;
    for (const stream of this.#streams.keys()) {
      const counts = stream.counts();
      folded += counts.folded;
      waiting += counts.waiting;
    }
    return {
      recorder: this.#recorder?.status(),
      quotas: this.#quotas.status(),
      folding: { folded, waiting },
      master: { dropped: this.#master.counts().dropped },
    };
  }

  close(): void {
    this.tell();
    this.#stopExitFlush();
  }

  #createLogger(containerId: string, componentName: string, writer: Writer, level: Level): RecordedLogger {
    const logger = createContainerLogger({
      containerId,
      componentName,
      writer,
      level,
      detector: this.#detector,
      clock: this.#clock,
      ...(this.#recorder === undefined ? {} : { recorder: this.#recorder }),
      ...(this.#errors === undefined ? {} : { errors: this.#errors }),
    });
    this.#loggers.add(logger);
    return logger;
  }

  #setStages(stream: ComponentStream, containerId: string): void {
    if (this.#isExiting) return;
    stream.setStages({ quota: this.#quotas.of(containerId), folding: this.#logging.folding });
  }

  #setRecorder(config: FlightRecorderConfig): void {
    if (config.enabled && this.#recorder !== undefined) {
      this.#recorder.reconfigure(recorderOptionsOf(config));
    } else this.#recorder = createRecorder(config);
    for (const logger of this.#loggers) logger.recorder = this.#recorder;
  }

  /** What exit listeners of the application log is written as it comes. */
  #removeStages(): void {
    this.#isExiting = true;
    for (const stream of this.#streams.keys()) stream.removeStages();
    this.#master.tell();
    this.#masterQuota.setLimits({});
  }
}

function createRecorder(config: FlightRecorderConfig): FlightRecorder | undefined {
  return config.enabled ? createFlightRecorder(recorderOptionsOf(config)) : undefined;
}
