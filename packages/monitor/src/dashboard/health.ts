import type { AlertEvent } from "../alerts/alert-event.ts";
import type { MonitorSnapshot } from "../snapshot.ts";

/** How logging does as a whole. */
export type HealthStatus = "healthy" | "degraded" | "critical";

/** A status, and why it is not better. */
export interface Health {
  readonly status: HealthStatus;
  /** One sentence each; empty when healthy. */
  readonly reasons: readonly string[];
}

/**
 * Critical while a critical alert lasts; degraded while a warning lasts, a stream cannot be written, or a source cannot
 * be measured, since what is not measured is not known to be well.
 */
export function healthOf(snapshot: MonitorSnapshot, firing: readonly AlertEvent[]): Health {
  const reasons = firing.map(({ message }) => message);
  const degraded = snapshot.writers?.degraded ?? 0;
  if (degraded > 0) reasons.push(`${degraded} ${degraded === 1 ? "stream" : "streams"} cannot be written`);
  for (const { source, reason } of snapshot.unmeasured)
    reasons.push(`${source} could not be measured: ${reason}`);
  if (firing.some(({ severity }) => severity === "critical")) return { status: "critical", reasons };
  return { status: reasons.length > 0 ? "degraded" : "healthy", reasons };
}
