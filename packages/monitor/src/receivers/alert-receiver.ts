import type { AlertEvent } from "../alerts/alert-event.ts";

/**
 * Who is told of alerts. A monitor neither waits for a receiver nor lets it disturb another: what it throws is counted.
 */
export interface AlertReceiver {
  /** Takes an event over. */
  receive(event: AlertEvent): void | Promise<void>;
  /** Delivers what it can within its own time limit, and ends. Idempotent. Default: nothing to do. */
  close?(): Promise<void>;
}
