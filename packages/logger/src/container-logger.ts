import { type CorrelationTracker, createCorrelationTracker, currentCorrelation } from "@waybill/correlation";
import {
  type Clock,
  type ContainerAware,
  type CorrelationAware,
  type EntryInput,
  type EventScope,
  type Level,
  type LogContext,
  type Loggable,
  severityOf,
  systemClock,
  type Writer,
} from "@waybill/protocols";
import { createScopeDetector, type ScopeDetector } from "@waybill/scope";
import { checkedLevel, levelOf } from "./checked-level.ts";
import { ContainerContext, type ContainerMetrics } from "./container-context.ts";
import { correlationIdOf, eventIdOf } from "./context-ids.ts";
import type { CorrelationIndex } from "./correlation-index.ts";
import { type ContextArgument, contextOf, type MessageArgument, messageOf } from "./log-arguments.ts";
import { createOverview, overviewWriter } from "./overview.ts";
import type { FlightRecorder } from "./recorder/flight-recorder.ts";
import type { RecordedTo } from "./recorder/recorded-entry.ts";
import type { RecordedLogger } from "./recorder/recorded-logger.ts";

/** What a {@link ContainerLogger} is made of. */
export interface ContainerLoggerOptions {
  readonly containerId: string;
  readonly componentName: string;
  /** Where the entries go. The logger closes it. */
  readonly writer: Writer;
  /** Least severe level that is written. Default `INFO`. */
  readonly level?: Level;
  /** Also writes entries from `minLevel` on, without their context, to a shared writer such as that of `master.log`. */
  readonly summary?: { readonly writer: Writer; readonly minLevel: Level };
  /** Also told of every entry with a correlation id. */
  readonly correlations?: CorrelationIndex;
  /**
   * Keeps entries below the level, from its own `minLevel` on, for the error that may follow; shared by all loggers.
   * Such a call then costs about as much as one that is written, and functions in place of message and context are
   * called. Default none.
   */
  readonly recorder?: FlightRecorder;
  /** Told of every entry of level ERROR and above that is written, such as a digest of errors. Default nobody. */
  readonly errors?: { note(level: Level, message: string): void };
  /** Tells the scope of an entry from its context. Default one with the three standard tiers. */
  readonly detector?: ScopeDetector;
  /** Default the clock of this process. */
  readonly clock?: Clock;
}

/**
 * The logger of one component in one container.
 *
 * Nothing that is passed to it makes it throw: values are made safe where they are encoded, a message or context
 * function that throws is told in its place, and should a writer throw against its contract, that is counted in
 * `metrics.failedCount`. An entry below the level costs one comparison, unless a recorder keeps it.
 *
 * The correlation id of an entry is, in this order: `correlation_id` of its context, that of the running scope (see
 * `@waybill/correlation`), the default that was set on this logger. `event_id` of the context becomes the entry's. Ids
 * from the context are cleaned like all others, see `cleanId`.
 */
export interface ContainerLogger extends Loggable, ContainerAware, CorrelationAware {
  /**
   * Least severe level that is written; may be changed at any time.
   *
   * @throws {RangeError} when it is set to something that names no level.
   */
  level: Level;
  readonly metrics: ContainerMetrics;
  /** Milliseconds since the epoch. */
  readonly createdAtMs: number;
  trace(message: MessageArgument, context?: ContextArgument): void;
  debug(message: MessageArgument, context?: ContextArgument): void;
  info(message: MessageArgument, context?: ContextArgument): void;
  warn(message: MessageArgument, context?: ContextArgument): void;
  /** The same as {@link warn}. */
  warning(message: MessageArgument, context?: ContextArgument): void;
  error(message: MessageArgument, context?: ContextArgument): void;
  fatal(message: MessageArgument, context?: ContextArgument): void;
  /** The same as {@link fatal}. */
  critical(message: MessageArgument, context?: ContextArgument): void;
  log(level: string, message: MessageArgument, context?: ContextArgument): void;
  /**
   * Whether an entry of this level would be written, or kept by a recorder; an unknown word counts as INFO, as it does
   * in {@link log}.
   */
  isEnabled(level: string): boolean;
  /** @throws as the writer. */
  flush(): Promise<void>;
  /** Flushes and ends the logger and its writer; later calls are counted by nobody. Idempotent. */
  close(): Promise<void>;
}

const fallbackLevel: Level = "INFO";

/**
 * @param options - see {@link ContainerLoggerOptions}.
 * @throws {RangeError} when `level` or `summary.minLevel` names no level.
 */
export function createContainerLogger(options: ContainerLoggerOptions): RecordedLogger {
  return new ComposedLogger(options);
}

class ComposedLogger implements RecordedLogger {
  readonly #context: ContainerContext;
  readonly #writer: Writer;
  readonly #errors: ContainerLoggerOptions["errors"];
  readonly #detector: ScopeDetector;
  readonly #clock: Clock;
  readonly #recordedTo: RecordedTo;
  #recorder: FlightRecorder | undefined;
  #triggerSeverity = 0;
  #tracker: CorrelationTracker | undefined;
  #level: Level;
  /** Severity of {@link #level}. */
  #writtenSeverity = 0;
  /** That, or the lower one of the recorder: the one comparison that a disabled call makes. */
  #severity = 0;
  #closing: Promise<void> | undefined;

  constructor(options: ContainerLoggerOptions) {
    this.#clock = options.clock ?? systemClock;
    this.#context = new ContainerContext(options.containerId, options.componentName, this.#clock.now());
    const { writer, summary, correlations } = options;
    const hasOverview = summary !== undefined || correlations !== undefined;
    this.#writer = hasOverview ? overviewWriter(writer, createOverview({ summary, correlations })) : writer;
    this.#errors = options.errors;
    this.#detector = options.detector ?? createScopeDetector();
    this.#recorder = options.recorder;
    this.#recordedTo = { write: (entry) => this.#writer.write(entry) };
    this.#level = checkedLevel(options.level ?? fallbackLevel);
    this.#noteLevels();
  }

  get containerId(): string {
    return this.#context.source.containerId;
  }

  get componentName(): string {
    return this.#context.source.componentName;
  }

  get createdAtMs(): number {
    return this.#context.createdAtMs;
  }

  get metrics(): ContainerMetrics {
    return this.#context.metrics();
  }

  get level(): Level {
    return this.#level;
  }

  set level(level: Level) {
    this.#level = checkedLevel(level);
    this.#noteLevels();
  }

  get recorder(): FlightRecorder | undefined {
    return this.#recorder;
  }

  set recorder(recorder: FlightRecorder | undefined) {
    if (recorder !== this.#recorder) this.#recorder?.forget(this.containerId, this.#recordedTo);
    this.#recorder = recorder;
    this.#noteLevels();
  }

  trace(message: MessageArgument, context?: ContextArgument): void {
    if (this.#severity <= 1) this.#write("TRACE", message, context);
  }

  debug(message: MessageArgument, context?: ContextArgument): void {
    if (this.#severity <= 5) this.#write("DEBUG", message, context);
  }

  info(message: MessageArgument, context?: ContextArgument): void {
    if (this.#severity <= 9) this.#write("INFO", message, context);
  }

  warn(message: MessageArgument, context?: ContextArgument): void {
    if (this.#severity <= 13) this.#write("WARNING", message, context);
  }

  warning(message: MessageArgument, context?: ContextArgument): void {
    this.warn(message, context);
  }

  error(message: MessageArgument, context?: ContextArgument): void {
    if (this.#severity <= 17) this.#write("ERROR", message, context);
  }

  fatal(message: MessageArgument, context?: ContextArgument): void {
    if (this.#severity <= 21) this.#write("CRITICAL", message, context);
  }

  critical(message: MessageArgument, context?: ContextArgument): void {
    this.fatal(message, context);
  }

  log(level: string, message: MessageArgument, context?: ContextArgument): void {
    const known = levelOf(level) ?? fallbackLevel;
    if (this.#severity <= severityOf[known]) this.#write(known, message, context);
  }

  isEnabled(level: string): boolean {
    return this.#severity <= severityOf[levelOf(level) ?? fallbackLevel];
  }

  setCorrelationId(correlationId: string): void {
    this.#tracker ??= createCorrelationTracker({ clock: this.#clock });
    this.#tracker.setCorrelationId(correlationId);
  }

  getCorrelationId(): string | undefined {
    return currentCorrelation()?.correlationId ?? this.#tracker?.getCorrelationId();
  }

  flush(): Promise<void> {
    return this.#writer.flush();
  }

  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#recorder?.forget(this.containerId, this.#recordedTo);
      this.#closing = this.#writer.close();
    }
    return this.#closing;
  }

  #write(level: Level, message: MessageArgument, argument: ContextArgument | undefined): void {
    if (this.#closing !== undefined) return;
    try {
      this.#handOver(level, message, argument);
    } catch {
      // A foreign port broke its contract, or the stack is at its end. The application must not be where it shows.
      this.#context.countFailure();
    }
  }

  #handOver(level: Level, message: MessageArgument, argument: ContextArgument | undefined): void {
    const context = contextOf(argument);
    const correlation = currentCorrelation();
    const timestampMs = this.#clock.now();
    const entry: EntryInput = {
      timestampMs,
      level,
      message: messageOf(message),
      source: this.#context.source,
      scope: this.#scopeOf(context),
      correlationId:
        correlationIdOf(context) ?? correlation?.correlationId ?? this.#tracker?.getCorrelationId(),
      eventId: eventIdOf(context),
      traceId: correlation?.traceId,
      spanId: correlation?.spanId,
      context,
    };
    const severity = severityOf[level];
    if (this.#recorder !== undefined) {
      if (severity < this.#writtenSeverity) {
        this.#recorder.record(entry, this.#recordedTo);
        return;
      }
      if (severity >= this.#triggerSeverity) this.#recorder.release(entry);
    }
    this.#context.updateMetrics(severity, timestampMs);
    this.#writer.write(entry);
    if (severity >= severityOf.ERROR) this.#errors?.note(level, entry.message);
  }

  #noteLevels(): void {
    const written = severityOf[this.#level];
    const recorded = this.#recorder === undefined ? written : severityOf[this.#recorder.minLevel];
    this.#writtenSeverity = written;
    this.#severity = Math.min(written, recorded);
    this.#triggerSeverity = severityOf[this.#recorder?.triggerLevel ?? fallbackLevel];
  }

  /** A detector that throws costs the entry its scope, not the entry. */
  #scopeOf(context: LogContext | undefined): EventScope {
    try {
      return this.#detector.detect(context);
    } catch {
      this.#context.countFailure();
      return "component_internal";
    }
  }
}
