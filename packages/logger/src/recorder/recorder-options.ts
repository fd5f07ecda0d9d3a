import type { EncodingLimits } from "@waybill/log-tree";
import { type Level, severityOf } from "@waybill/protocols";
import { checkedLevel } from "../checked-level.ts";
import type { RecordedBounds } from "./recorded-entries.ts";

/** How much a {@link FlightRecorder} keeps, and what for. */
export interface FlightRecorderOptions {
  /** The least severe level that is kept. Default `DEBUG`. */
  readonly minLevel?: Level;
  /** The least severe level that has the kept entries written; above `minLevel`. Default `ERROR`. */
  readonly triggerLevel?: Level;
  /** Entries kept for one container, integer ≥ 1; then its oldest is forgotten. Default 200. */
  readonly entriesPerContainer?: number;
  /** Bytes of lines kept for one container, integer ≥ 1. Default 65,536 (64 KiB). */
  readonly bytesPerContainer?: number;
  /** Entries kept for one correlation id, in all its containers, integer ≥ 1. Default 200. */
  readonly entriesPerCorrelation?: number;
  /** Bytes of lines kept for one correlation id, integer ≥ 1. Default 65,536 (64 KiB). */
  readonly bytesPerCorrelation?: number;
  /** Correlation ids kept, integer ≥ 1; then the one longest unused is forgotten. Default 1,000. */
  readonly correlationsMax?: number;
  /**
   * Bytes kept in all, integer ≥ 1; then the oldest entry is forgotten. Default 16,777,216 (16 MiB). Here each entry
   * counts 512 bytes more than its line, which is what keeping it costs.
   */
  readonly totalBytes?: number;
  /**
   * What bounds one entry, see `EncodingLimits` of `@waybill/log-tree`. Those left out: 4,096 units of a string, 200
   * members of an object, 2,000 values, 128 KiB of line, 5 ms; less than writers allow, so that nothing is cut twice.
   */
  readonly limits?: Partial<EncodingLimits>;
}

/** The options with their defaults. */
export interface ResolvedRecorderOptions {
  readonly minLevel: Level;
  readonly triggerLevel: Level;
  readonly bounds: RecordedBounds;
  readonly limits: Partial<EncodingLimits>;
}

const recordedLimits: Partial<EncodingLimits> = {
  stringUnitsMax: 4096,
  membersMax: 200,
  nodesMax: 2000,
  lineBytesMax: 131_072,
  encodeMsMax: 5,
};

/** @throws {RangeError} when an option is out of its range, or nothing lies below the trigger. */
export function resolveRecorderOptions(options: FlightRecorderOptions): ResolvedRecorderOptions {
  const { limits } = options;
  const minLevel = checkedLevel(options.minLevel ?? "DEBUG");
  const triggerLevel = checkedLevel(options.triggerLevel ?? "ERROR");
  if (severityOf[minLevel] >= severityOf[triggerLevel]) {
    throw new RangeError(`minLevel is ${minLevel}, not below triggerLevel ${triggerLevel}`);
  }
  const size = (name: Exclude<keyof FlightRecorderOptions, "limits" | `${string}Level`>, or: number) => {
    const value = options[name] ?? or;
    if (!Number.isInteger(value) || value < 1) throw new RangeError(`${name} is ${value}, not ≥ 1`);
    return value;
  };
  return {
    minLevel,
    triggerLevel,
    bounds: {
      container: {
        entriesMax: size("entriesPerContainer", 200),
        bytesMax: size("bytesPerContainer", 65_536),
      },
      correlation: {
        entriesMax: size("entriesPerCorrelation", 200),
        bytesMax: size("bytesPerCorrelation", 65_536),
      },
      correlationsMax: size("correlationsMax", 1000),
      totalBytes: size("totalBytes", 16_777_216),
    },
    limits: { ...recordedLimits, ...limits },
  };
}
