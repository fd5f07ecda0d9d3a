import type { FlightRecorderConfig, FoldingConfig, QuotaConfig } from "@waybill/config";
import type {
  ContainerQuotaOptions,
  FlightRecorderOptions,
  FoldMessagesOptions,
  FoldRepeatsOptions,
} from "@waybill/logger";

const bytesPerKb = 1024;
const bytesPerMb = 1_048_576;

/** What `logging.flight_recorder` means, where it is enabled. */
export function recorderOptionsOf(config: FlightRecorderConfig): FlightRecorderOptions {
  const { minLevel, triggerLevel, entriesPerContainer, entriesPerCorrelation, correlationsMax } = config;
  return {
    minLevel,
    triggerLevel,
    entriesPerContainer,
    bytesPerContainer: Math.floor(config.sizePerContainerKb * bytesPerKb),
    entriesPerCorrelation,
    bytesPerCorrelation: Math.floor(config.sizePerCorrelationKb * bytesPerKb),
    correlationsMax,
    totalBytes: Math.floor(config.totalSizeMb * bytesPerMb),
  };
}

/** What `logging.folding` means, where it is enabled. */
export function foldOptionsOf(config: FoldingConfig): FoldMessagesOptions & FoldRepeatsOptions {
  const { windowSeconds, keepFirst, keepEvery, maxLevel, messagesMax } = config;
  return { windowMs: windowSeconds * 1000, keepFirst, keepEvery, maxLevel, messagesMax };
}

/** What a quota means; undefined where it limits nothing. */
export function quotaOptionsOf(config: QuotaConfig): ContainerQuotaOptions | undefined {
  const { linesPerSecond, bytesPerSecond, burstSeconds } = config;
  if (linesPerSecond === undefined && bytesPerSecond === undefined) return undefined;
  return { linesPerSecond, bytesPerSecond, burstSeconds };
}

/** What `logging.master.max_entries_per_second` means: a second of it may come at once. */
export function masterLimitOf(maxEntriesPerSecond: number): ContainerQuotaOptions {
  return { linesPerSecond: maxEntriesPerSecond, burstSeconds: 1 };
}

/** Whether two options or sections, made of plain values in the same order, say the same. */
export function areSame<T extends object>(one: T | undefined, other: T | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
