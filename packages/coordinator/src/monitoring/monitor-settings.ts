import type { RetentionPolicyConfig, WaybillConfig } from "@waybill/config";
import { type AlertRule, type DiskLimits, standardAlertRules, type WebhookOptions } from "@waybill/monitor";

/** What a configuration says to a monitor, in its units. */
export interface MonitorSettings {
  readonly limits: DiskLimits;
  readonly rules: readonly AlertRule[];
  readonly intervalMs: number;
  /** Undefined when alerts are posted nowhere. */
  readonly webhook: WebhookOptions | undefined;
  /** Milliseconds between two lines of `system/performance_metrics.log`; undefined when there is none. */
  readonly performanceIntervalMs: number | undefined;
}

const bytesPerGb = 2 ** 30;
const msPerSecond = 1000;
const msPerDay = 86_400_000;

/** Translates `logging.monitoring`, and of the retention policy what the disk is measured against. */
export function monitorSettingsOf(config: WaybillConfig): MonitorSettings {
  const { monitoring, retentionPolicy } = config.logging;
  return {
    limits: limitsOf(retentionPolicy),
    rules: rulesOf(config),
    intervalMs: monitoring.intervalSeconds * msPerSecond,
    webhook: webhookOf(config),
    performanceIntervalMs: monitoring.performanceMetricsEnabled
      ? monitoring.performanceMetricsIntervalSeconds * msPerSecond
      : undefined,
  };
}

function limitsOf({ maxTotalSizeGb, minFreeDisk = { bytes: 0 } }: RetentionPolicyConfig): DiskLimits {
  const maxTotalBytes = maxTotalSizeGb * bytesPerGb;
  return "bytes" in minFreeDisk
    ? { maxTotalBytes, minFreeBytes: minFreeDisk.bytes }
    : { maxTotalBytes, minFreeShare: minFreeDisk.percent / 100 };
}

/** Space that shall stay free has no threshold of its own: its alert begins where it is not free any more. */
function rulesOf({ logging }: WaybillConfig): readonly AlertRule[] {
  const { monitoring } = logging;
  const { minFreeBytes, minFreeShare } = limitsOf(logging.retentionPolicy);
  const rules = standardAlertRules(
    given({
      diskUsageBytes: monitoring.diskUsageAlertThresholdGb * bytesPerGb,
      freeDiskBytes: minFreeBytes === 0 ? undefined : minFreeBytes,
      freeDiskShare: minFreeShare,
      diskFullInMs: times(monitoring.timeToFullAlertThresholdDays, msPerDay),
      errorsPerMinute: monitoring.errorRateAlertThreshold,
      containerErrorsPerMinute: monitoring.containerErrorRateAlertThreshold,
      writeLatencyMs: times(monitoring.writeLatencyAlertThresholdSeconds, msPerSecond),
      droppedPerMinute: monitoring.droppedEntriesAlertThreshold,
      eventLoopDelayMs: times(monitoring.eventLoopDelayAlertThresholdSeconds, msPerSecond),
    }),
    {
      clearShare: monitoring.alertClearPercent / 100,
      coolDownMs: monitoring.alertCooldownSeconds * msPerSecond,
    },
  );
  return rules.map((rule) =>
    rule.name === "disk_usage" ? endingAt(rule, monitoring.diskUsageTargetGb * bytesPerGb) : rule,
  );
}

/** The clean-up stops at its target: an alert that ended only below it would last for ever. */
function endingAt(rule: AlertRule, targetBytes: number): AlertRule {
  const { firesAt, clearsAt = firesAt } = rule;
  return { ...rule, clearsAt: Math.min(firesAt, Math.max(clearsAt, targetBytes)) };
}

function webhookOf({ coordinator, logging }: WaybillConfig): WebhookOptions | undefined {
  const { url, timeoutSeconds, retriesMax } = logging.monitoring.webhook;
  if (url === undefined) return undefined;
  return {
    url,
    source: coordinator.coordinatorId,
    timeoutMs: timeoutSeconds * msPerSecond,
    attemptsMax: retriesMax + 1,
  };
}

function times(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor;
}

/** Without what is undefined: a threshold that is not set has no rule. */
function given<Key extends string>(
  values: Readonly<Record<Key, number | undefined>>,
): { readonly [K in Key]?: number } {
  const entries = Object.entries<number | undefined>(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { readonly [K in Key]?: number };
}
