import type { Clock } from "@waybill/protocols";
import type { AlertRule } from "./alerts/alert-rule.ts";
import type { DiskLimits } from "./gauges/tree-gauges.ts";
import type { AlertReceiver } from "./receivers/alert-receiver.ts";
import type { MonitorSnapshot } from "./snapshot.ts";
import type { MonitorSources } from "./sources.ts";

/** Options of `createMonitor`. All have a default. */
export interface MonitorOptions {
  /** What is measured. Default nothing. */
  readonly sources?: MonitorSources;
  /** What the disk is measured against. Default no limit but the device. */
  readonly limits?: DiskLimits;
  /** What is watched. See `standardAlertRules`. Default nothing. */
  readonly rules?: readonly AlertRule[];
  /** Who is told of alerts. The monitor closes them. Default nobody. */
  readonly receivers?: readonly AlertReceiver[];
  /** Called with the snapshot of each run, after its alerts were told. What it throws is counted. */
  readonly onRun?: (snapshot: MonitorSnapshot) => void;
  /** Milliseconds between two runs once started, 100 to 86 400 000. Default 10 000. */
  readonly intervalMs?: number;
  /** Milliseconds of the rates per minute and of the latency quantiles, 1000 to 3 600 000. Default 60 000. */
  readonly rateWindowMs?: number;
  /** Milliseconds that the sources of one run may take, 1 to 600 000. Default 5000. */
  readonly sourceTimeoutMs?: number;
  /** Milliseconds of measurements that a forecast is made of, more than `forecastMinSpanMs`. Default 3 600 000. */
  readonly forecastWindowMs?: number;
  /** Milliseconds that must be measured before anything is foretold. Default 60 000. */
  readonly forecastMinSpanMs?: number;
}

/** What of a monitor can be changed while it runs. What is not given stays as it is. */
export type MonitorChanges = Pick<MonitorOptions, "limits" | "rules" | "receivers" | "intervalMs">;

/** What a monitor needs of its surroundings; the real ones unless given. */
export interface MonitorPorts {
  readonly clock?: Clock;
  /** 0 to 1, for the time of the second run: many processes that start together should not measure together. */
  readonly random?: () => number;
}

/** Options with every default that a monitor itself needs. */
export interface ResolvedMonitorOptions {
  readonly intervalMs: number;
  readonly rateWindowMs: number;
  readonly sourceTimeoutMs: number;
}

/** @throws {RangeError} for a time out of its range. */
export function resolveMonitorOptions(options: MonitorOptions): ResolvedMonitorOptions {
  const { intervalMs = 10_000, rateWindowMs = 60_000, sourceTimeoutMs = 5000 } = options;
  requireIntervalMs(intervalMs);
  requireMs("rateWindowMs", rateWindowMs, 1000, 3_600_000);
  requireMs("sourceTimeoutMs", sourceTimeoutMs, 1, 600_000);
  return { intervalMs, rateWindowMs, sourceTimeoutMs };
}

/** @throws {RangeError} for an interval out of its range. */
export function requireIntervalMs(intervalMs: number): void {
  requireMs("intervalMs", intervalMs, 100, 86_400_000);
}

function requireMs(name: string, value: number, min: number, max: number): void {
  if (!(value >= min && value <= max))
    throw new RangeError(`${name} must be milliseconds from ${min} to ${max}, not ${value}`);
}
