import type { Loggable } from "@waybill/protocols";
import type { MonitorSnapshot } from "../snapshot.ts";

/**
 * Makes a listener for `onRun` that writes one entry per run, such as into `system/performance_metrics.log`: message
 * `performance metrics`, level INFO, and {@link performanceFields} as context.
 */
export function createPerformanceLog(log: Loggable): (snapshot: MonitorSnapshot) => void {
  return (snapshot) => log.log("INFO", "performance metrics", performanceFields(snapshot));
}

/**
 * The totals of a snapshot under the keys of the disk; of the same size however many containers there are. What was
 * not measured is left out.
 */
export function performanceFields(snapshot: MonitorSnapshot): Readonly<Record<string, unknown>> {
  const { disk, entries, containers, writers, latency, eventLoop, descriptors, lifecycle } = snapshot;
  const { forecast } = disk;
  const fields = {
    lifecycle_operation: "performance_metrics",
    uptime_seconds: rounded(snapshot.uptimeMs / 1000),
    containers: containers.size,
    disk_usage_bytes: disk.usage?.totalBytes,
    disk_limit_bytes: disk.limitBytes,
    disk_free_bytes: disk.freeBytes,
    disk_growth_bytes_per_second: rounded(disk.growthBytesPerSecond),
    disk_full_in_seconds: forecast?.state === "filling" ? rounded(forecast.inMs / 1000) : undefined,
    entries_per_minute: rounded(entries?.perMinute),
    errors_per_minute: rounded(entries?.errorsPerMinute),
    queued: writers?.queued,
    dropped: writers?.dropped,
    written: writers?.written,
    written_bytes: writers?.bytesWritten,
    degraded_streams: writers?.degraded,
    open_files: writers?.descriptors,
    process_open_files: descriptors?.open,
    write_latency_p50_ms: rounded(latency?.p50Ms),
    write_latency_p99_ms: rounded(latency?.p99Ms),
    event_loop_delay_p99_ms: rounded(eventLoop?.delayP99Ms),
    event_loop_delay_max_ms: rounded(eventLoop?.delayMaxMs),
    event_loop_utilization: rounded(eventLoop?.utilization),
    rotations: lifecycle?.rotations,
    archived: lifecycle?.archived,
    deleted: lifecycle?.deleted,
    freed_bytes: lifecycle?.freedBytes,
    unmeasured: snapshot.unmeasured.length > 0 ? snapshot.unmeasured.map(({ source }) => source) : undefined,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** To three decimals, which is more than anybody reads. */
function rounded(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(value * 1000) / 1000;
}
