import type { MonitorSnapshot } from "../snapshot.ts";
import { containerMetrics } from "./container-metrics.ts";
import { createExposition, type Exposition, type Labels, type Sample } from "./exposition.ts";
import { latencyMetric } from "./latency-metric.ts";

/** Options of {@link formatPrometheus}. */
export interface PrometheusOptions {
  /** First part of every name, `[a-zA-Z_][a-zA-Z0-9_]*`. Default `waybill`. */
  readonly prefix?: string;
  /** Value of the label `coordinator` of every sample. Default no such label. */
  readonly coordinatorId?: string | undefined;
  /**
   * Whether every container has series of its own, seven or eight each. Off by default: a server of Prometheus keeps
   * every label value it ever saw.
   */
  readonly containerLabels?: boolean;
  /** Containers that get a label, integer ≥ 0; how many did not is a gauge. Default 1000. */
  readonly labelledContainersMax?: number;
}

/** The content type of what {@link formatPrometheus} returns. */
export const prometheusContentType = "text/plain; version=0.0.4; charset=utf-8";

/**
 * The text that Prometheus scrapes. What was not measured is left out.
 *
 * Names say `records` where everything else says entries: they are the log records of OpenTelemetry, for people who
 * read them beside the metrics of other programs.
 *
 * @throws {TypeError | RangeError} for an option that cannot be.
 */
export function formatPrometheus(snapshot: MonitorSnapshot, options: PrometheusOptions = {}): string {
  const { prefix, coordinatorId, containerLabels, labelledContainersMax } = resolvePrometheusOptions(options);
  const text = createExposition(coordinatorId === undefined ? {} : { coordinator: coordinatorId });
  entryMetrics(text, prefix, snapshot);
  writerMetrics(text, prefix, snapshot);
  diskMetrics(text, prefix, snapshot);
  processMetrics(text, prefix, snapshot);
  lifecycleMetrics(text, prefix, snapshot);
  monitorMetrics(text, prefix, snapshot);
  if (containerLabels) containerMetrics(text, prefix, snapshot, labelledContainersMax);
  return text.toString();
}

/** The options with every default. @throws {TypeError | RangeError} for one that cannot be. */
export function resolvePrometheusOptions(options: PrometheusOptions) {
  const {
    prefix = "waybill",
    coordinatorId,
    containerLabels = false,
    labelledContainersMax = 1000,
  } = options;
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(prefix))
    throw new TypeError(`"${prefix}" is no prefix of a metric name`);
  if (!Number.isInteger(labelledContainersMax) || labelledContainersMax < 0)
    throw new RangeError(`labelledContainersMax must be an integer from 0, not ${labelledContainersMax}`);
  return { prefix, coordinatorId, containerLabels, labelledContainersMax };
}

function entryMetrics(text: Exposition, prefix: string, { entries, containers }: MonitorSnapshot): void {
  const byLevel = by("level", entries?.byLevel, (level) => level.toLowerCase());
  text.metric(`${prefix}_records_total`, "counter", "Log records offered, by level.", byLevel);
  text.metric(`${prefix}_containers`, "gauge", "Containers known.", one(containers.size));
}

function writerMetrics(text: Exposition, prefix: string, { writers, latency }: MonitorSnapshot): void {
  if (writers !== undefined) {
    const { accepted, written, queued, dropped, bytesWritten, streams, degraded, descriptors } = writers;
    const counter = (name: string, help: string, value: number): void =>
      text.metric(`${prefix}_${name}`, "counter", help, one(value));
    const gauge = (name: string, help: string, value: number | undefined): void =>
      text.metric(`${prefix}_${name}`, "gauge", help, one(value));
    counter("accepted_records_total", "Log records taken over by writers.", accepted);
    counter("written_records_total", "Log records handed to the operating system.", written);
    counter("written_bytes_total", "Bytes handed to the operating system.", bytesWritten);
    const reasons = by("reason", writers.droppedByReason ?? { any: dropped });
    text.metric(`${prefix}_dropped_records_total`, "counter", "Log records lost, by reason.", reasons);
    gauge("queued_records", "Log records waiting in memory.", queued);
    gauge("streams", "Streams open.", streams);
    gauge("degraded_streams", "Streams that cannot be written now.", degraded);
    gauge("open_files", "Files that writers hold open.", descriptors);
  }
  if (latency !== undefined)
    text.histogram(
      `${prefix}_write_latency_seconds`,
      "From the creation of a record until the operating system has it.",
      latencyMetric(latency.total),
    );
}

function diskMetrics(text: Exposition, prefix: string, { disk }: MonitorSnapshot): void {
  const { usage, forecast } = disk;
  const gauge = (name: string, help: string, samples: Iterable<Sample>): void =>
    text.metric(`${prefix}_${name}`, "gauge", help, samples);
  // The kinds and what is no segment add up to the whole tree.
  const byKind = usage === undefined ? undefined : { ...usage.bytesByKind, other: usage.otherBytes };
  gauge("disk_usage_bytes", "Bytes of the log tree, by kind of stream.", by("kind", byKind));
  gauge("segment_bytes", "Bytes of the log tree, by state of the segment.", by("state", usage?.bytesByState));
  gauge("segments", "Files of the log tree, by state.", by("state", usage?.filesByState));
  gauge("disk_limit_bytes", "Bytes that the log tree may take.", one(disk.limitBytes));
  gauge("disk_free_bytes", "Bytes free on the device of the log tree.", one(disk.freeBytes));
  gauge("disk_capacity_bytes", "Size of the device of the log tree.", one(disk.capacityBytes));
  gauge(
    "disk_growth_bytes_per_second",
    "Growth of the log tree over the forecast window.",
    one(disk.growthBytesPerSecond),
  );
  const full = forecast?.state === "filling" ? forecast.inMs / 1000 : 0;
  gauge(
    "disk_full_in_seconds",
    "Time until a limit is reached at the present growth; absent while none will be.",
    forecast?.state === "filling" || forecast?.state === "full"
      ? [{ labels: { limit: forecast.limit.name }, value: full }]
      : [],
  );
}

function processMetrics(text: Exposition, prefix: string, { eventLoop, descriptors }: MonitorSnapshot): void {
  const gauge = (name: string, help: string, samples: Iterable<Sample>): void =>
    text.metric(`${prefix}_${name}`, "gauge", help, samples);
  if (eventLoop !== undefined) {
    const seconds = {
      mean: eventLoop.delayMeanMs / 1000,
      p99: eventLoop.delayP99Ms / 1000,
      max: eventLoop.delayMaxMs / 1000,
    };
    gauge("event_loop_delay_seconds", "Lateness of timers since the last look.", by("stat", seconds));
  }
  gauge(
    "event_loop_utilization_ratio",
    "Share of time the event loop was busy.",
    one(eventLoop?.utilization),
  );
  gauge("process_open_files", "Open descriptors of the process.", one(descriptors?.open));
  gauge("process_open_files_limit", "Soft limit of open descriptors.", one(descriptors?.limit));
}

function lifecycleMetrics(text: Exposition, prefix: string, { lifecycle }: MonitorSnapshot): void {
  const counter = (name: string, help: string, value: number | undefined): void =>
    text.metric(`${prefix}_${name}`, "counter", help, one(value));
  counter("rotations_total", "Segments sealed.", lifecycle?.rotations);
  counter("archived_segments_total", "Segments archived.", lifecycle?.archived);
  counter("expired_segments_total", "Segments deleted by retention.", lifecycle?.deleted);
  counter("retention_freed_bytes_total", "Bytes freed by archiving and deleting.", lifecycle?.freedBytes);
}

function monitorMetrics(text: Exposition, prefix: string, { monitor, unmeasured }: MonitorSnapshot): void {
  const counter = (name: string, help: string, value: number): void =>
    text.metric(`${prefix}_monitor_${name}`, "counter", help, one(value));
  counter("runs_total", "Runs of the monitor.", monitor.runs);
  counter("source_failures_total", "Measurements that failed or were late.", monitor.sourceFailures);
  counter("callback_failures_total", "Listeners, rules and receivers that failed.", monitor.callbackFailures);
  const seconds = one(monitor.lastRunUs / 1e6);
  text.metric(`${prefix}_monitor_run_seconds`, "gauge", "Computation of the last run.", seconds);
  const missing = Array.from(unmeasured, ({ source }) => ({ labels: { source }, value: 1 }));
  text.metric(`${prefix}_monitor_unmeasured`, "gauge", "Sources that could not be measured.", missing);
}

function one(value: number | undefined): readonly Sample[] {
  return [{ value }];
}

/** One sample for each member of a record, with its name as label. */
function by(
  label: string,
  values: Readonly<Record<string, number>> | undefined,
  shown: (name: string) => string = (name) => name,
): readonly Sample[] {
  return Object.entries(values ?? {}).map(([name, value]) => ({
    labels: { [label]: shown(name) } satisfies Labels,
    value,
  }));
}
