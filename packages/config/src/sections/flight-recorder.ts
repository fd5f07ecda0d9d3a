import { type Level, severityOf } from "@waybill/protocols";
import type { z } from "zod";
import { addIssue, type ConfigReport } from "../config-issue.ts";
import { defaults } from "../defaults.ts";
import { oneOf } from "../one-of.ts";
import { flag, integer, level, quantity, quantityText, section } from "../schema-leaf.ts";

const path = ["logging", "flight_recorder"];
const ringSize = { min: 1, max: 65_536 };
const totalSize = { min: 0.01, max: 4096 };
const ringEntries = { min: 1, max: 100_000 };

/** `logging.flight_recorder` of the file. */
export const flightRecorderSchema = section(
  "Keeps entries below the level in memory, and writes them when an error follows in their container or on their correlation id.",
  {
    enabled: flag("Whether entries below the level are kept.", defaults.flight_recorder_enabled),
    min_level: level("The least severe level that is kept.", defaults.recorded_level),
    trigger_level: level("The least severe level that has them written.", defaults.trigger_level),
    entries_per_container: integer("Entries kept for one container; then the oldest is forgotten.", {
      ...ringEntries,
      default: defaults.recorded_entries,
    }),
    size_per_container_kb: quantity("KB (1024 bytes) kept for one container.", "kb", {
      ...ringSize,
      default: defaults.recorded_kb,
    }),
    size_per_container: quantityText("size_per_container_kb", "kb", ringSize),
    entries_per_correlation: integer("Entries kept for one correlation id, in all its containers.", {
      ...ringEntries,
      default: defaults.recorded_entries,
    }),
    size_per_correlation_kb: quantity("KB kept for one correlation id.", "kb", {
      ...ringSize,
      default: defaults.recorded_kb,
    }),
    size_per_correlation: quantityText("size_per_correlation_kb", "kb", ringSize),
    correlations_max: integer("Correlation ids that are kept; then the one longest unused is forgotten.", {
      min: 1,
      max: 1_000_000,
      default: defaults.recorded_correlations_max,
    }),
    total_size_mb: quantity("MB kept in all.", "mb", { ...totalSize, default: defaults.recorded_total_mb }),
    total_size: quantityText("total_size_mb", "mb", totalSize),
  },
);

/** What is kept in memory below the level, for the error that may follow. */
export interface FlightRecorderConfig {
  /** Default false: what is below the level costs nothing. */
  readonly enabled: boolean;
  /** The least severe level that is kept. Default DEBUG. */
  readonly minLevel: Level;
  /** The least severe level that has the kept entries written. Default ERROR. */
  readonly triggerLevel: Level;
  /** Entries kept for one container, 1 to 100000. Default 200. */
  readonly entriesPerContainer: number;
  /** KiB kept for one container, 1 to 65536. Default 64. */
  readonly sizePerContainerKb: number;
  /** Entries kept for one correlation id, 1 to 100000. Default 200. */
  readonly entriesPerCorrelation: number;
  /** KiB kept for one correlation id, 1 to 65536. Default 64. */
  readonly sizePerCorrelationKb: number;
  /** Correlation ids that are kept, 1 to 1000000. Default 1000. */
  readonly correlationsMax: number;
  /** MiB kept in all, 0.01 to 4096. Default 16. */
  readonly totalSizeMb: number;
}

/** Fills in the defaults of `logging.flight_recorder`. */
export function resolveFlightRecorder(
  given: z.output<typeof flightRecorderSchema>,
  report: ConfigReport,
): FlightRecorderConfig {
  const file = given ?? {};
  const { size_per_container_kb, size_per_container } = file;
  const { size_per_correlation_kb, size_per_correlation, total_size_mb, total_size } = file;
  const minLevel = file.min_level ?? defaults.recorded_level;
  const triggerLevel = file.trigger_level ?? defaults.trigger_level;
  if (severityOf[minLevel] >= severityOf[triggerLevel]) {
    const key = file.min_level === undefined ? "trigger_level" : "min_level";
    addIssue(
      report,
      [...path, key],
      `leaves nothing to keep: min_level (${minLevel}) must be below trigger_level (${triggerLevel})`,
    );
  }
  return {
    enabled: file.enabled ?? defaults.flight_recorder_enabled,
    minLevel,
    triggerLevel,
    entriesPerContainer: file.entries_per_container ?? defaults.recorded_entries,
    sizePerContainerKb:
      oneOf(report, path, { size_per_container_kb, size_per_container }) ?? defaults.recorded_kb,
    entriesPerCorrelation: file.entries_per_correlation ?? defaults.recorded_entries,
    sizePerCorrelationKb:
      oneOf(report, path, { size_per_correlation_kb, size_per_correlation }) ?? defaults.recorded_kb,
    correlationsMax: file.correlations_max ?? defaults.recorded_correlations_max,
    totalSizeMb: oneOf(report, path, { total_size_mb, total_size }) ?? defaults.recorded_total_mb,
  };
}
