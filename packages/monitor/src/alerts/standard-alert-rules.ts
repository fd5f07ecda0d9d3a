import { formatForecast } from "../gauges/forecast.ts";
import { formatBytes, formatDuration } from "../gauges/format-quantity.ts";
import type { ContainerGauges } from "../snapshot.ts";
import type { AlertRule, AlertThreshold } from "./alert-rule.ts";

/** Thresholds of the rules that most want; a rule exists when its threshold is given. */
export interface StandardThresholds {
  /** Bytes of the log tree above which there is too much: `disk_usage`. */
  readonly diskUsageBytes?: number;
  /** Bytes below which too little is free on the device: `free_disk`, critical. */
  readonly freeDiskBytes?: number;
  /** The same as a share of the capacity of the device, 0 to 1; give one of the two. */
  readonly freeDiskShare?: number;
  /** Milliseconds ahead of a full tree or device: `disk_forecast`. */
  readonly diskFullInMs?: number;
  /** Errors per minute of all containers: `error_rate`. */
  readonly errorsPerMinute?: number;
  /** Errors per minute of one container: `container_error_rate`, with the container id as key. */
  readonly containerErrorsPerMinute?: number;
  /** Milliseconds of the 99th percentile from creation to disk: `write_latency`. */
  readonly writeLatencyMs?: number;
  /** Entries that wait in memory: `queue_depth`. */
  readonly queuedEntries?: number;
  /** Entries lost per minute: `entries_dropped`, critical. With 0 the first one fires it. */
  readonly droppedPerMinute?: number;
  /** Streams that cannot be written: `degraded_streams`, critical. With 0 the first one fires it. */
  readonly degradedStreams?: number;
  /** Milliseconds of the longest stall between two runs: `event_loop_delay`. */
  readonly eventLoopDelayMs?: number;
  /** Share of the limit of open files of the process, 0 to 1: `open_files`. */
  readonly openFilesShare?: number;
}

/** Options of {@link standardAlertRules}, the same for all of its rules. */
export interface StandardRuleOptions extends Pick<AlertThreshold, "forMs" | "coolDownMs" | "repeatMs"> {
  /** Share of the threshold at which an alert ends, more than 0 and at most 1. Default 0.9. */
  readonly clearShare?: number;
}

type RuleMaker = (firesAt: number) => Omit<AlertRule, "firesAt" | "clearsAt">;

const makers: Readonly<Record<keyof StandardThresholds, RuleMaker>> = {
  diskUsageBytes: (firesAt) => ({
    name: "disk_usage",
    severity: "warning",
    unit: "bytes",
    read: ({ disk }) => disk.usage?.totalBytes,
    describe: (value, _, { disk }) => {
      const forecast = disk.forecast?.state === "filling" ? `; ${formatForecast(disk.forecast)}` : "";
      return `the log tree takes ${formatBytes(value)}, threshold ${formatBytes(firesAt)}${forecast}`;
    },
  }),
  freeDiskBytes: (firesAt) => ({
    name: "free_disk",
    severity: "critical",
    unit: "bytes",
    direction: "below",
    read: ({ disk }) => disk.freeBytes,
    describe: (value) => `${formatBytes(value)} are free on the device, threshold ${formatBytes(firesAt)}`,
  }),
  freeDiskShare: (firesAt) => ({
    name: "free_disk",
    severity: "critical",
    unit: "share",
    direction: "below",
    read: ({ disk: { freeBytes, capacityBytes } }) =>
      freeBytes === undefined || capacityBytes === undefined ? undefined : freeBytes / capacityBytes,
    describe: (value, _, { disk: { freeBytes = 0 } }) =>
      `${percent(value)} of the device (${formatBytes(freeBytes)}) are free, threshold ${percent(firesAt)}`,
  }),
  diskFullInMs: (firesAt) => ({
    name: "disk_forecast",
    severity: "warning",
    unit: "ms",
    direction: "below",
    read: ({ disk: { forecast } }) => {
      if (forecast === undefined || forecast.state === "unknown") return undefined;
      if (forecast.state === "full") return 0;
      return forecast.state === "filling" ? forecast.inMs : Number.POSITIVE_INFINITY;
    },
    describe: (_, __, { disk }) =>
      `${formatForecast(disk.forecast ?? { state: "unknown" })}, threshold ${formatDuration(firesAt)}`,
  }),
  errorsPerMinute: () => ({
    name: "error_rate",
    severity: "warning",
    unit: "per_minute",
    read: ({ entries }) => entries?.errorsPerMinute,
  }),
  containerErrorsPerMinute: () => ({
    name: "container_error_rate",
    severity: "warning",
    unit: "per_minute",
    read: ({ entries, containers }) =>
      entries === undefined ? undefined : errorRatesOf(containers.values()),
  }),
  writeLatencyMs: () => ({
    name: "write_latency",
    severity: "warning",
    unit: "ms",
    // Nothing written is nothing late.
    read: ({ latency }) => (latency === undefined ? undefined : (latency.p99Ms ?? 0)),
  }),
  queuedEntries: () => ({
    name: "queue_depth",
    severity: "warning",
    unit: "entries",
    read: ({ writers }) => writers?.queued,
  }),
  droppedPerMinute: () => ({
    name: "entries_dropped",
    severity: "critical",
    unit: "per_minute",
    read: ({ writers }) => writers?.droppedPerMinute,
  }),
  degradedStreams: () => ({
    name: "degraded_streams",
    severity: "critical",
    unit: "streams",
    read: ({ writers }) => writers?.degraded,
  }),
  eventLoopDelayMs: () => ({
    name: "event_loop_delay",
    severity: "warning",
    unit: "ms",
    read: ({ eventLoop }) => eventLoop?.delayMaxMs,
  }),
  openFilesShare: () => ({
    name: "open_files",
    severity: "warning",
    unit: "share",
    read: ({ descriptors }) =>
      descriptors?.limit === undefined ? undefined : descriptors.open / descriptors.limit,
  }),
};

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

function* errorRatesOf(
  containers: Iterable<ContainerGauges>,
): Generator<readonly [string, number | undefined]> {
  for (const { containerId, errorsPerMinute } of containers) yield [containerId, errorsPerMinute];
}

/**
 * The rules for the thresholds that are given.
 *
 * @throws {RangeError} for a threshold below 0, one of 0 that nothing can be below, or a `clearShare` out of its range.
 */
export function standardAlertRules(
  thresholds: StandardThresholds,
  { clearShare = 0.9, ...timing }: StandardRuleOptions = {},
): readonly AlertRule[] {
  if (!(clearShare > 0 && clearShare <= 1))
    throw new RangeError(`clearShare must be more than 0 and at most 1, not ${clearShare}`);
  const names = Object.keys(makers) as (keyof StandardThresholds)[];
  return names.flatMap((name) => {
    const firesAt = thresholds[name];
    if (firesAt === undefined) return [];
    const rule = makers[name](firesAt);
    if (!(firesAt > 0 || (firesAt === 0 && rule.direction !== "below")))
      throw new RangeError(`${name} must be more than 0, not ${firesAt}`);
    const clearsAt = rule.direction === "below" ? firesAt / clearShare : firesAt * clearShare;
    // Of a share there is no more than 1, and half of what is left can be reached.
    const clearsMax = name === "freeDiskShare" ? (firesAt + 1) / 2 : clearsAt;
    return [{ ...rule, ...timing, firesAt, clearsAt: Math.min(clearsAt, clearsMax) }];
  });
}
