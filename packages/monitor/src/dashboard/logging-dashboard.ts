import type { ErrorDigest, ErrorTrend } from "../gauges/error-digest.ts";
import { formatForecast } from "../gauges/forecast.ts";
import type { Monitor } from "../monitor.ts";
import type { MonitorSnapshot } from "../snapshot.ts";
import type { Activity, ActivityLog } from "./activity-log.ts";
import { type HealthStatus, healthOf } from "./health.ts";

/** The files of one container. */
export interface ContainerBreakdown {
  /** File names of the active segments. */
  readonly logFiles: readonly string[];
  /** Files of all states. */
  readonly fileCount: number | undefined;
  /** MiB. */
  readonly totalSizeMb: number | undefined;
  /** Entries since the start; undefined when they are not counted. */
  readonly entries: Readonly<Record<string, number>> | undefined;
  readonly errorsPerMinute: number | undefined;
}

/** Errors of the last 24 hours. */
export interface DashboardErrors {
  /** Entries of level ERROR and above. */
  readonly last24hErrors: number;
  readonly criticalErrors: number;
  /** With `#` for numbers; undefined when there was none. */
  readonly mostCommonError: string | undefined;
  readonly errorRateTrend: ErrorTrend;
  /** Hours that the counts reach back: less than 24 in a young process. */
  readonly coveredHours: number;
}

/** What an operational dashboard shows. Every number was measured; what was not is undefined. */
export interface RealTimeMetrics {
  /** RFC 3339, UTC. */
  readonly timestamp: string;
  readonly systemHealth: {
    readonly status: HealthStatus;
    readonly reasons: readonly string[];
    readonly activeContainers: number | undefined;
    /** MiB of the whole tree. */
    readonly totalDiskUsageMb: number | undefined;
    /** Of the limit of the tree; undefined without a limit. */
    readonly diskUsagePercentage: number | undefined;
    /** In words: `full in 1 d 3 h (max_total_size 10 GiB)`; undefined without anything to fill. */
    readonly diskForecast: string | undefined;
    readonly errorsPerMinute: number | undefined;
  };
  /** By container id. Has no prototype. */
  readonly containerBreakdown: Readonly<Record<string, ContainerBreakdown>>;
  /** The settings, as they were given to the dashboard, and what they lead to. */
  readonly performance: Readonly<Record<string, unknown>> & { readonly measured: PerformanceMeasured };
  /** The retention policy, as it was given to the dashboard. */
  readonly retention: Readonly<Record<string, unknown>>;
  /** Newest first; empty when no activity log was given. */
  readonly recentActivity: readonly Activity[];
  /** Undefined when no digest was given. */
  readonly errorSummary: DashboardErrors | undefined;
}

/** How writing goes. */
export interface PerformanceMeasured {
  readonly queued: number | undefined;
  readonly dropped: number | undefined;
  readonly bytesPerSecond: number | undefined;
  readonly openFiles: number | undefined;
  readonly writeLatencyP50Ms: number | undefined;
  readonly writeLatencyP99Ms: number | undefined;
  readonly eventLoopDelayMaxMs: number | undefined;
}

/** Gives data to operational dashboards. */
export interface LoggingDashboard {
  /** Measures, unless the monitor did within `maxAgeMs`. @throws {Error} when the monitor is closed. */
  getRealTimeMetrics(): Promise<RealTimeMetrics>;
}

/** What a dashboard shows beside the monitor's gauges. */
export interface LoggingDashboardOptions {
  readonly monitor: Pick<Monitor, "recent" | "firing">;
  /** Containers that run now. Default: unknown. */
  readonly activeContainers?: () => number;
  readonly activity?: ActivityLog;
  readonly errors?: ErrorDigest;
  /** Shown as they are. Default empty. */
  readonly performanceSettings?: Readonly<Record<string, unknown>>;
  /** Shown as it is. Default empty. */
  readonly retentionPolicy?: Readonly<Record<string, unknown>>;
  /** Milliseconds that a measurement may be old, so that many viewers cost one run. Default 1000. */
  readonly maxAgeMs?: number;
}

const bytesPerMb = 1_048_576;
const msPerHour = 3_600_000;

/** Creates the dashboard of a monitor. It owns nothing and need not be closed. */
export function createLoggingDashboard(options: LoggingDashboardOptions): LoggingDashboard {
  const { monitor, maxAgeMs = 1000, activity } = options;
  return {
    async getRealTimeMetrics() {
      const snapshot = await monitor.recent(maxAgeMs);
      return {
        timestamp: new Date(snapshot.atMs).toISOString(),
        systemHealth: {
          ...healthOf(snapshot, monitor.firing()),
          activeContainers: options.activeContainers?.(),
          ...diskOf(snapshot),
          errorsPerMinute: snapshot.entries?.errorsPerMinute,
        },
        containerBreakdown: breakdownOf(snapshot),
        performance: { ...options.performanceSettings, measured: performanceOf(snapshot) },
        retention: options.retentionPolicy ?? {},
        recentActivity: activity?.recent() ?? [],
        errorSummary: errorsOf(options.errors),
      };
    },
  };
}

function diskOf({ disk }: MonitorSnapshot) {
  return {
    totalDiskUsageMb: disk.usage === undefined ? undefined : disk.usage.totalBytes / bytesPerMb,
    diskUsagePercentage: disk.usedShare === undefined ? undefined : disk.usedShare * 100,
    diskForecast: disk.forecast === undefined ? undefined : formatForecast(disk.forecast),
  };
}

function breakdownOf({ containers }: MonitorSnapshot): Record<string, ContainerBreakdown> {
  // Without prototype, so that a container may be called `toString`.
  const breakdown: Record<string, ContainerBreakdown> = Object.create(null);
  for (const { containerId, bytes, files, activeFiles, byLevel, errorsPerMinute } of containers.values()) {
    breakdown[containerId] = {
      logFiles: activeFiles,
      fileCount: files,
      totalSizeMb: bytes === undefined ? undefined : bytes / bytesPerMb,
      entries: byLevel,
      errorsPerMinute,
    };
  }
  return breakdown;
}

function performanceOf({ writers, latency, eventLoop }: MonitorSnapshot): PerformanceMeasured {
  return {
    queued: writers?.queued,
    dropped: writers?.dropped,
    bytesPerSecond: writers?.bytesPerSecond,
    openFiles: writers?.descriptors,
    writeLatencyP50Ms: latency?.p50Ms,
    writeLatencyP99Ms: latency?.p99Ms,
    eventLoopDelayMaxMs: eventLoop?.delayMaxMs,
  };
}

function errorsOf(digest: ErrorDigest | undefined): DashboardErrors | undefined {
  if (digest === undefined) return undefined;
  const { errors, criticalErrors, mostCommon, trend, coveredMs } = digest.summary();
  return {
    last24hErrors: errors,
    criticalErrors,
    mostCommonError: mostCommon?.message,
    errorRateTrend: trend,
    coveredHours: coveredMs / msPerHour,
  };
}
