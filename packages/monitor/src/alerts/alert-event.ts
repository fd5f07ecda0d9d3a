import type { AlertSeverity } from "./alert-rule.ts";
import type { AlertChange } from "./alert-state.ts";

/** An alert that began, lasts, or ended. */
export interface AlertEvent {
  /** Unique for each event of a monitor; a receiver that sees one twice has been told twice. */
  readonly id: string;
  /** Name of the rule. */
  readonly alert: string;
  /** Which of several values the rule watches, such as a container id; undefined for a rule of one value. */
  readonly key: string | undefined;
  readonly severity: AlertSeverity;
  /** `firing` when it began or is told again, `ok` when it ended. */
  readonly state: "firing" | "ok";
  readonly change: AlertChange;
  /** Undefined when what was watched is gone. */
  readonly value: number | undefined;
  readonly threshold: number;
  readonly unit: string;
  /** One sentence for people. */
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** Milliseconds since it began; 0 when it has just begun. */
  readonly durationMs: number;
}

/** An event as plain JSON data with the keys of the disk and wire. */
export function alertEventFields(event: AlertEvent): Readonly<Record<string, unknown>> {
  return {
    alert_id: event.id,
    alert: event.alert,
    key: event.key,
    severity: event.severity,
    state: event.state,
    change: event.change,
    value: event.value,
    threshold: event.threshold,
    unit: event.unit,
    at: new Date(event.atMs).toISOString(),
    duration_seconds: event.durationMs / 1000,
  };
}
