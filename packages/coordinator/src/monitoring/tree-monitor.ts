import { isDeepStrictEqual } from "node:util";
import type { WaybillConfig } from "@waybill/config";
import {
  type Activity,
  type ActivityLog,
  type AlertEvent,
  type AlertReceiver,
  createActivityLog,
  createCallbackReceiver,
  createErrorDigest,
  createLatencyHistogram,
  createLoggingDashboard,
  createLogReceiver,
  createMonitor,
  createWebhookReceiver,
  type ErrorDigest,
  type LatencyHistogram,
  type LoggingDashboard,
  type Monitor,
  type MonitorOptions,
  type MonitorSnapshot,
  type MonitorSources,
  type WebhookOptions,
} from "@waybill/monitor";
import { type Clock, type Loggable, systemClock } from "@waybill/protocols";
import type { ContainerLogRegistry } from "../container-log-registry.ts";
import { createDiskPressure } from "./disk-pressure.ts";
import { usageOfLedger } from "./ledger-usage.ts";
import { type MachineGauges, openMachineGauges } from "./machine-gauges.ts";
import { monitorSettingsOf } from "./monitor-settings.ts";
import { createPerformanceLines, type PerformanceLines } from "./performance-lines.ts";
import { createRegistryCounts, type RegistryCounts } from "./registry-counts.ts";
import type { TreeMonitorPorts } from "./tree-monitor-ports.ts";

/** Measures one log tree as its configuration says, and tells of what passes the thresholds. */
export interface TreeMonitor extends AsyncDisposable {
  /** Measures from now on by itself. Idempotent. Its timers do not keep the process alive. */
  start(): void;
  /** Counts the latency of a write. @param oldestMs - when its oldest entry was accepted, milliseconds since the epoch. */
  recordWritten(oldestMs: number, writtenMs: number): void;
  /** Shows an event of the tree or a container in the dashboard, with the time of this call. */
  noteActivity(activity: Omit<Activity, "timestamp">): void;
  /** Told of every entry of level ERROR and above; the loggers of containers take it as their option `errors`. */
  readonly errors: Pick<ErrorDigest, "note">;
  /** Told of a container that is gone, once its loggers are closed, so that its last entries stay in the totals. */
  noteGone(registry: ContainerLogRegistry): void;
  readonly dashboard: LoggingDashboard;
  /** What the last run measured; undefined before the first one. */
  snapshot(): MonitorSnapshot | undefined;
  /**
   * What was measured at most so long ago, or else is measured now: for `formatPrometheus` of
   * `@waybill/monitor/prometheus`, whose `openMetricsServer` takes this object as its `monitor`.
   *
   * @param maxAgeMs - milliseconds. Default 1000.
   * @throws {Error} after {@link close}.
   */
  recent(maxAgeMs?: number): Promise<MonitorSnapshot>;
  /** The alerts that have begun and not ended. */
  firing(): readonly AlertEvent[];
  /**
   * Goes on with other thresholds, limits, intervals and webhook. Counters and histories go on, an alert that lasts is
   * not told anew, and a webhook that stays the same keeps what waits in it.
   *
   * @throws {TypeError | RangeError} for what no resolved configuration holds; nothing has changed then.
   */
  reconfigure(config: WaybillConfig): void;
  /** Waits for a run, lets the webhook deliver what it can in 2 seconds, and ends. Idempotent. */
  close(): Promise<void>;
}

/**
 * Makes the monitor of a log tree; it stands still until it is started or asked.
 *
 * @throws {TypeError | RangeError} for what no resolved configuration holds.
 */
export function openTreeMonitor(config: WaybillConfig, ports: TreeMonitorPorts): TreeMonitor {
  return new ConfiguredMonitor(config, ports);
}

/** Where alerts are posted, and by what settings. */
interface OwnWebhook {
  readonly options: WebhookOptions;
  readonly receiver: AlertReceiver;
}

class ConfiguredMonitor implements TreeMonitor {
  readonly dashboard: LoggingDashboard = { getRealTimeMetrics: () => this.#dashboard.getRealTimeMetrics() };
  readonly errors: ErrorDigest;
  readonly #clock: Clock;
  readonly #logger: Loggable;
  readonly #registries: TreeMonitorPorts["registries"];
  readonly #counts: RegistryCounts;
  readonly #latency: LatencyHistogram = createLatencyHistogram();
  readonly #activity: ActivityLog;
  /** Undefined when the sources of the machine were given. */
  readonly #machine: MachineGauges | undefined;
  /** Those that no configuration changes. */
  readonly #receivers: readonly AlertReceiver[];
  readonly #monitor: Monitor;
  readonly #performance: PerformanceLines;
  #webhook: OwnWebhook | undefined;
  #dashboard: LoggingDashboard;

  constructor(config: WaybillConfig, ports: TreeMonitorPorts) {
    const { clock = systemClock, onAlert } = ports;
    const { webhook, performanceIntervalMs, ...settings } = monitorSettingsOf(config);
    this.#clock = clock;
    this.#logger = ports.logger;
    this.#registries = ports.registries;
    this.#counts = createRegistryCounts(ports.registries);
    this.errors = createErrorDigest(clock);
    this.#activity = createActivityLog(undefined, clock);
    const pressure = createDiskPressure(ports.onPressure, clock);
    this.#receivers = [
      createLogReceiver(ports.logger),
      ...(onAlert === undefined
        ? []
        : [createCallbackReceiver((event) => this.#callListener(onAlert, event))]),
      pressure,
    ];
    this.#webhook = this.#webhookFor(webhook);
    this.#machine = ports.machine === undefined ? openMachineGauges(config.coordinator.logDir) : undefined;
    const options = {
      ...settings,
      sources: { ...this.#sourcesOf(ports), ...(ports.machine ?? this.#machine?.sources) },
      receivers: receiversWith(this.#receivers, this.#webhook),
      onRun: () => pressure.look(monitor.firing()),
    };
    const monitor = this.#createMonitor(options);
    this.#monitor = monitor;
    const logger = ports.performanceLogger;
    this.#performance = createPerformanceLines(performanceIntervalMs, { monitor, logger, clock });
    this.#dashboard = this.#dashboardOf(config);
  }

  start(): void {
    this.#monitor.start();
    this.#performance.start();
  }

  recordWritten(oldestMs: number, writtenMs: number): void {
    this.#latency.record((writtenMs - oldestMs) * 1000);
  }

  noteActivity(activity: Omit<Activity, "timestamp">): void {
    this.#activity.note(activity);
  }

  noteGone(registry: ContainerLogRegistry): void {
    this.#counts.noteGone(registry);
  }

  snapshot(): MonitorSnapshot | undefined {
    return this.#monitor.latest();
  }

  recent(maxAgeMs = 1000): Promise<MonitorSnapshot> {
    return this.#monitor.recent(maxAgeMs);
  }

  firing(): readonly AlertEvent[] {
    return this.#monitor.firing();
  }

  reconfigure(config: WaybillConfig): void {
    const { webhook: options, performanceIntervalMs, ...settings } = monitorSettingsOf(config);
    const webhook = this.#webhookFor(options);
    this.#monitor.reconfigure({ ...settings, receivers: receiversWith(this.#receivers, webhook) });
    this.#webhook = webhook;
    this.#performance.setInterval(performanceIntervalMs);
    this.#dashboard = this.#dashboardOf(config);
  }

  async close(): Promise<void> {
    this.#performance.stop();
    try {
      await this.#monitor.close();
    } finally {
      this.#machine?.stop();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #callListener(onAlert: NonNullable<TreeMonitorPorts["onAlert"]>, event: AlertEvent): Promise<void> {
    try {
      await onAlert(event);
    } catch (error) {
      this.#logger.log("WARNING", "The listener of alerts has failed", {
        ...{ alert: event.alert, key: event.key, alert_id: event.id },
        reason: error instanceof Error ? error.message : String(error),
        lifecycle_operation: "alert_lost",
      });
      throw error;
    }
  }

  #createMonitor(options: MonitorOptions): Monitor {
    try {
      return createMonitor(options, { clock: this.#clock });
    } catch (error) {
      this.#machine?.stop();
      throw error;
    }
  }

  #sourcesOf({ ledger, writers, lifecycle }: TreeMonitorPorts): MonitorSources {
    return {
      async tree() {
        const known = await ledger();
        if (known === undefined) throw new Error("the first walk over the log tree is not done yet");
        return usageOfLedger(known);
      },
      entries: () => this.#counts.read(),
      writers,
      latency: () => this.#latency.snapshot(),
      lifecycle,
    };
  }

  /** The present webhook where nothing of it changes, since alerts may wait in it. */
  #webhookFor(options: WebhookOptions | undefined): OwnWebhook | undefined {
    if (options === undefined) return undefined;
    if (this.#webhook !== undefined && isDeepStrictEqual(this.#webhook.options, options))
      return this.#webhook;
    const onLost = ({ alert, key, id }: AlertEvent, reason: string): void =>
      this.#logger.log("WARNING", "An alert could not be posted", {
        ...{ alert, key, alert_id: id, reason },
        lifecycle_operation: "alert_lost",
      });
    return { options, receiver: createWebhookReceiver(options, { clock: this.#clock, onLost }) };
  }

  #dashboardOf({ logging }: WaybillConfig): LoggingDashboard {
    return createLoggingDashboard({
      monitor: this.#monitor,
      activeContainers: () => this.#registries.size,
      activity: this.#activity,
      errors: this.errors,
      performanceSettings: { ...logging.performance },
      retentionPolicy: { ...logging.retentionPolicy },
    });
  }
}

function receiversWith(
  receivers: readonly AlertReceiver[],
  webhook: OwnWebhook | undefined,
): readonly AlertReceiver[] {
  return webhook === undefined ? receivers : [...receivers, webhook.receiver];
}
