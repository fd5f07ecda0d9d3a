import type { z } from "zod";
import { addIssue, type ConfigReport } from "../config-issue.ts";
import { defaults } from "../defaults.ts";
import { oneOf } from "../one-of.ts";
import { flag, integer, quantity, quantityText, section, text, word } from "../schema-leaf.ts";

const flushInterval = { min: 0.001, max: 60 };
const fileSize = { min: 0.001, max: 10_240 };
const queueLimit = { min: 0.01, max: 1024 };
const totalQueueLimit = { min: 1, max: 16_384 };
const compressionDelay = { min: 0, max: 86_400 };

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** `logging.performance` of the file. */
export const performanceSchema = section("How entries reach the disk.", {
  async_writing: flag("Whether writing is separate from logging; false is the same as mode: sync.", true),
  mode: word(
    "When an entry is safe. sync: at once. batched (default): within flush_interval_seconds. durable: batched, and flush() also waits for stable storage.",
    ["sync", "batched", "durable"],
  ),
  batch_size: integer("Entries that are written at once at the latest. Void in mode sync.", {
    min: 1,
    max: 100_000,
    default: defaults.batch_size,
  }),
  flush_interval_seconds: quantity(
    "Seconds that an entry waits at most, and so what SIGKILL may lose. Void in mode sync.",
    "seconds",
    { ...flushInterval, default: defaults.flush_interval_seconds },
  ),
  flush_interval: quantityText("flush_interval_seconds", "seconds", flushInterval),
  max_file_size_mb: quantity("MB (1024² bytes) at which a log file is sealed and the next one begun.", "mb", {
    ...fileSize,
    default: defaults.max_file_size_mb,
  }),
  max_file_size: quantityText("max_file_size_mb", "mb", fileSize),
  enable_compression: flag("Whether sealed log files are compressed.", defaults.enable_compression),
  queue_limit_mb: quantity(
    "MB of entries that wait in memory for one file; more are dropped and counted.",
    "mb",
    { ...queueLimit, default: defaults.queue_limit_mb },
  ),
  queue_limit: quantityText("queue_limit_mb", "mb", queueLimit),
  total_queue_limit_mb: quantity("MB of entries that wait in memory for all files together.", "mb", {
    ...totalQueueLimit,
    default: defaults.total_queue_limit_mb,
  }),
  total_queue_limit: quantityText("total_queue_limit_mb", "mb", totalQueueLimit),
  overflow: word(
    "What a full queue does. drop_lowest_level (default): the least severe entries go first. drop_oldest. block: the call waits for overflow_wait_ms.",
    ["drop_lowest_level", "drop_oldest", "block"],
  ),
  overflow_wait_ms: integer("Milliseconds that a call may wait for room. Void unless overflow is block.", {
    min: 1,
    max: 10_000,
    default: defaults.overflow_wait_ms,
  }),
  rotate: word("Whether a log file is also sealed each hour or day. Default never: by size alone.", [
    "never",
    "hourly",
    "daily",
  ]),
  time_zone: text(
    "IANA name of the zone whose hours and days rotate means.",
    "the IANA name of a time zone, such as Europe/Berlin",
    isTimeZone,
    defaults.time_zone,
  ),
  compression_delay_seconds: quantity(
    "Seconds for which the newest sealed log file stays plain, for whoever follows it.",
    "seconds",
    { ...compressionDelay, default: defaults.compression_delay_seconds },
  ),
  compression_delay: quantityText("compression_delay_seconds", "seconds", compressionDelay),
  max_open_files: integer(
    "Log files that are open at once. Default: 256, or a quarter of the limit of the process.",
    {
      min: 16,
      max: 1_000_000,
    },
  ),
});

/**
 * When an entry is safe.
 * - `sync`: against SIGKILL, once the call that logs has returned.
 * - `batched`: against every exit but SIGKILL, which may lose the last flush interval.
 * - `durable`: as `batched`, and against power loss once `flush()` has resolved.
 */
export type WriteMode = "sync" | "batched" | "durable";

/** How entries reach the disk. */
export interface PerformanceConfig {
  /** Whether writing is separate from logging; true exactly when `mode` is not `sync`. Default true. */
  readonly asyncWriting: boolean;
  /** Default `batched`, or `sync` when `asyncWriting` is false. */
  readonly mode: WriteMode;
  /** Entries that are written at once at the latest, 1 to 100000. Default 1000. Void in mode `sync`. */
  readonly batchSize: number;
  /** Seconds that an entry waits at most, 0.001 to 60. Default 0.05. Void in mode `sync`. */
  readonly flushIntervalSeconds: number;
  /** MiB at which a segment is sealed, 0.001 to 10240. Default 100. */
  readonly maxFileSizeMb: number;
  /** Whether sealed segments are compressed. Default true. */
  readonly enableCompression: boolean;
  /** MiB of entries that wait in memory for one file, 0.01 to 1024; more are dropped and counted. Default 4. */
  readonly queueLimitMb: number;
  /** MiB of entries that wait in memory for all files together, 1 to 16384. Default 64. */
  readonly totalQueueLimitMb: number;
  /** What a full queue does. Default `drop_lowest_level`. */
  readonly overflow: "drop_lowest_level" | "drop_oldest" | "block";
  /** Milliseconds that a call may wait for room, 1 to 10000. Default 100. Void unless `overflow` is `block`. */
  readonly overflowWaitMs: number;
  /** Whether a segment is also sealed each hour or day. Default `never`. */
  readonly rotate: "never" | "hourly" | "daily";
  /** IANA name of the zone whose hours and days `rotate` means. Default `UTC`. */
  readonly timeZone: string;
  /** Seconds for which the newest sealed segment stays plain, 0 to 86400. Default 60. */
  readonly compressionDelaySeconds: number;
  /** Files that are open at once, 16 to 1000000. Undefined: what `@waybill/writers` finds right for the process. */
  readonly maxOpenFiles: number | undefined;
}

/** Fills in the defaults of `logging.performance`. */
export function resolvePerformance(
  given: z.output<typeof performanceSchema>,
  report: ConfigReport,
): PerformanceConfig {
  const file = given ?? {};
  const path = ["logging", "performance"];
  const { async_writing, flush_interval_seconds, flush_interval } = file;
  const { max_file_size_mb, max_file_size, queue_limit_mb, queue_limit } = file;
  const { total_queue_limit_mb, total_queue_limit, compression_delay_seconds, compression_delay } = file;
  const mode = file.mode ?? (async_writing === false ? "sync" : "batched");
  if (async_writing !== undefined && async_writing !== (mode !== "sync")) {
    addIssue(
      report,
      [...path, "mode"],
      `contradicts async_writing: ${async_writing}; keep mode and remove async_writing, is "${mode}"`,
    );
  }
  return {
    asyncWriting: mode !== "sync",
    mode,
    batchSize: file.batch_size ?? defaults.batch_size,
    flushIntervalSeconds:
      oneOf(report, path, { flush_interval_seconds, flush_interval }) ?? defaults.flush_interval_seconds,
    maxFileSizeMb: oneOf(report, path, { max_file_size_mb, max_file_size }) ?? defaults.max_file_size_mb,
    enableCompression: file.enable_compression ?? defaults.enable_compression,
    queueLimitMb: oneOf(report, path, { queue_limit_mb, queue_limit }) ?? defaults.queue_limit_mb,
    totalQueueLimitMb:
      oneOf(report, path, { total_queue_limit_mb, total_queue_limit }) ?? defaults.total_queue_limit_mb,
    overflow: file.overflow ?? "drop_lowest_level",
    overflowWaitMs: file.overflow_wait_ms ?? defaults.overflow_wait_ms,
    rotate: file.rotate ?? "never",
    timeZone: file.time_zone ?? defaults.time_zone,
    compressionDelaySeconds:
      oneOf(report, path, { compression_delay_seconds, compression_delay }) ??
      defaults.compression_delay_seconds,
    maxOpenFiles: file.max_open_files,
  };
}
