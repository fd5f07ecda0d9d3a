import type { AlertEvent } from "../../src/index.ts";

/** An alert that has just begun, but for what is given. */
export function alertEvent(given: Partial<AlertEvent> = {}): AlertEvent {
  return {
    id: "event-1",
    alert: "disk_usage",
    key: undefined,
    severity: "warning",
    state: "firing",
    change: "fired",
    value: 9,
    threshold: 8,
    unit: "bytes",
    message: "the log tree takes 9 B, threshold 8 B",
    atMs: Date.UTC(2026, 0, 1),
    durationMs: 0,
    ...given,
  };
}
