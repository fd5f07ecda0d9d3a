import { type Clock, systemClock, type Timer } from "@waybill/protocols";
import type { AlertEvent } from "./alerts/alert-event.ts";
import { type AlertRules, createAlertRules } from "./alerts/alert-rules.ts";
import { createGaugeBook, type GaugeBook } from "./gauge-book.ts";
import { createTreeGauges, requireDiskLimits, type TreeGauges } from "./gauges/tree-gauges.ts";
import {
  type MonitorChanges,
  type MonitorOptions,
  type MonitorPorts,
  requireIntervalMs,
  resolveMonitorOptions,
} from "./monitor-options.ts";
import { createSourceReader, type SourceReader } from "./read-sources.ts";
import type { AlertReceiver } from "./receivers/alert-receiver.ts";
import type { MonitorSnapshot, MonitorStats } from "./snapshot.ts";

/** Measures a log tree and its writers, watches thresholds, and tells when they are passed. */
export interface Monitor extends AsyncDisposable {
  /**
   * Runs from now on by itself: at once, since rates need something to start from, then after a random part of the
   * interval, then each interval. Idempotent.
   */
  start(): void;
  /**
   * Measures now. A call during a run gets that run. A source that fails does not make it fail.
   *
   * @throws {Error} after {@link close}.
   */
  run(): Promise<MonitorSnapshot>;
  /**
   * What the last run measured, if that is at most `maxAgeMs` ago; else what a run measures now. Many who look at the
   * same time so cost one run.
   *
   * @throws {Error} after {@link close}.
   */
  recent(maxAgeMs: number): Promise<MonitorSnapshot>;
  /** What the last run measured; undefined before the first one. */
  latest(): MonitorSnapshot | undefined;
  /** The alerts that have begun and not ended. */
  firing(): readonly AlertEvent[];
  stats(): MonitorStats;
  /**
   * Changes limits, rules, receivers or interval; all counters and histories go on.
   *
   * An alert that lasts is not told anew, by no receiver: its rule is known by its name. An alert whose rule is gone
   * ends. Receivers that are not given again are closed, while the others work already.
   *
   * @throws {RangeError} for what cannot be; nothing has changed then.
   */
  reconfigure(changes: MonitorChanges): void;
  /** Waits for a run, closes the receivers, and ends. Idempotent. */
  close(): Promise<void>;
}

/**
 * Creates a monitor that does nothing until it is started or asked to run.
 *
 * @throws {RangeError} for an option that cannot be.
 */
export function createMonitor(options: MonitorOptions = {}, ports: MonitorPorts = {}): Monitor {
  return new SourceMonitor(options, ports);
}

class SourceMonitor implements Monitor {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #startMs: number;
  #intervalMs: number;
  readonly #reader: SourceReader;
  readonly #tree: TreeGauges;
  readonly #book: GaugeBook;
  readonly #alerts: AlertRules;
  #receivers: readonly AlertReceiver[];
  /** The closing of receivers that were replaced. */
  readonly #leaving = new Set<Promise<void>>();
  readonly #onRun: MonitorOptions["onRun"];
  #stats = { runs: 0, lastRunUs: 0, longestRunUs: 0, sourceFailures: 0 };
  #callbackFailures = 0;
  #latest: MonitorSnapshot | undefined;
  #running: Promise<MonitorSnapshot> | undefined;
  #timer: Timer | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: MonitorOptions, { clock = systemClock, random = Math.random }: MonitorPorts) {
    const { sources = {}, limits = {}, rules = [], receivers = [], onRun } = options;
    const { intervalMs, rateWindowMs, sourceTimeoutMs } = resolveMonitorOptions(options);
    const { forecastWindowMs: windowMs = 3_600_000, forecastMinSpanMs: minSpanMs = 60_000 } = options;
    this.#clock = clock;
    this.#random = random;
    this.#startMs = clock.monotonicUs() / 1000;
    this.#intervalMs = intervalMs;
    this.#reader = createSourceReader(sources, clock, sourceTimeoutMs);
    this.#tree = createTreeGauges(limits, { windowMs, minSpanMs });
    this.#book = createGaugeBook(rateWindowMs, this.#tree);
    this.#alerts = createAlertRules(rules);
    this.#receivers = receivers;
    this.#onRun = onRun;
  }

  start(): void {
    if (this.#timer !== undefined || this.#closing !== undefined) return;
    this.#wait(this.#random() * this.#intervalMs);
    this.#call(() => this.#runAlone());
  }

  run(): Promise<MonitorSnapshot> {
    if (this.#closing !== undefined) return Promise.reject(new Error("the monitor is closed"));
    this.#running ??= this.#measure().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  recent(maxAgeMs: number): Promise<MonitorSnapshot> {
    const uptimeMs = this.#clock.monotonicUs() / 1000 - this.#startMs;
    const latest = this.#closing === undefined ? this.#latest : undefined;
    const isRecent = latest !== undefined && uptimeMs - latest.uptimeMs <= maxAgeMs;
    return isRecent ? Promise.resolve(latest) : this.run();
  }

  latest(): MonitorSnapshot | undefined {
    return this.#latest;
  }

  firing(): readonly AlertEvent[] {
    return this.#alerts.firing();
  }

  stats(): MonitorStats {
    return { ...this.#stats, callbackFailures: this.#callbackFailures + this.#alerts.failures };
  }

  reconfigure({ limits, rules, receivers, intervalMs }: MonitorChanges): void {
    // What can be refused comes first, and the rules last of it: they take effect as they are checked.
    if (intervalMs !== undefined) requireIntervalMs(intervalMs);
    if (limits !== undefined) requireDiskLimits(limits);
    if (rules !== undefined) this.#alerts.replace(rules);
    if (limits !== undefined) this.#tree.setLimits(limits);
    if (receivers !== undefined) this.#replaceReceivers(receivers);
    if (intervalMs !== undefined && intervalMs !== this.#intervalMs) this.#changeInterval(intervalMs);
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #measure(): Promise<MonitorSnapshot> {
    const { measurements, unmeasured } = await this.#reader.read();
    const startUs = this.#clock.monotonicUs();
    const gauges = this.#book.measure(startUs / 1000, measurements);
    this.#stats.runs += 1;
    this.#stats.sourceFailures += unmeasured.length;
    const uptimeMs = startUs / 1000 - this.#startMs;
    const atMs = this.#clock.now();
    const snapshot = { atMs, uptimeMs, ...gauges, unmeasured, monitor: this.stats() };
    this.#latest = snapshot;
    this.#tell(snapshot, startUs / 1000);
    this.#stats.lastRunUs = this.#clock.monotonicUs() - startUs;
    this.#stats.longestRunUs = Math.max(this.#stats.longestRunUs, this.#stats.lastRunUs);
    return snapshot;
  }

  #tell(snapshot: MonitorSnapshot, nowMs: number): void {
    for (const event of this.#alerts.evaluate(snapshot, nowMs))
      for (const receiver of this.#receivers) this.#call(() => receiver.receive(event));
    this.#call(() => this.#onRun?.(snapshot));
  }

  /** Calls what may throw or reject; neither may end the process or this run. A promise is not waited for. */
  #call(callback: () => void | Promise<void>): void {
    const failed = (): void => {
      this.#callbackFailures += 1;
    };
    try {
      void Promise.resolve(callback()).catch(failed);
    } catch {
      failed();
    }
  }

  #wait(delayMs: number): void {
    this.#timer = this.#clock.setTimer(() => {
      // The next wait starts with this run and not after it, so the interval does not grow with the run.
      this.#wait(this.#intervalMs);
      this.#call(() => this.#runAlone());
    }, delayMs);
  }

  #changeInterval(intervalMs: number): void {
    this.#intervalMs = intervalMs;
    if (this.#timer === undefined || this.#closing !== undefined) return;
    this.#timer.cancel();
    this.#wait(intervalMs);
  }

  #replaceReceivers(receivers: readonly AlertReceiver[]): void {
    const before = this.#receivers;
    this.#receivers = receivers;
    for (const gone of before.filter((receiver) => !receivers.includes(receiver))) {
      const leaving = this.#closeReceiver(gone).finally(() => this.#leaving.delete(leaving));
      this.#leaving.add(leaving);
    }
  }

  async #runAlone(): Promise<void> {
    await this.run();
  }

  async #end(): Promise<void> {
    this.#timer?.cancel();
    await this.#running?.catch(() => undefined);
    await Promise.all([
      ...this.#receivers.map((receiver) => this.#closeReceiver(receiver)),
      ...this.#leaving,
    ]);
  }

  async #closeReceiver(receiver: AlertReceiver): Promise<void> {
    try {
      await receiver.close?.();
    } catch {
      this.#callbackFailures += 1;
    }
  }
}
