import type { Loggable } from "@waybill/protocols";
import { type AlertEvent, alertEventFields } from "../alerts/alert-event.ts";
import type { AlertReceiver } from "./alert-receiver.ts";

/**
 * Writes alerts to a log, such as that of the system: WARNING for a warning, ERROR for a critical one, INFO when one
 * ends. The context has `lifecycle_operation: "resource_alert"`.
 *
 * Give it a log that the monitor's own error rate does not count, or one critical alert is one error more.
 */
export function createLogReceiver(log: Loggable): AlertReceiver {
  return {
    receive(event) {
      log.log(levelOf(event), event.message, {
        lifecycle_operation: "resource_alert",
        ...alertEventFields(event),
      });
    },
  };
}

function levelOf({ state, severity }: AlertEvent): string {
  if (state === "ok") return "INFO";
  return severity === "critical" ? "ERROR" : "WARNING";
}
