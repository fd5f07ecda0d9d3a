import type { AlertEvent, AlertReceiver } from "@waybill/monitor";
import type { Clock } from "@waybill/protocols";

/** Calls for room while an alert says that there is too little. */
export interface DiskPressure extends AlertReceiver {
  receive(event: AlertEvent): void;
  /** Told after each run, and after what began in it was received. @throws what the callback throws. */
  look(firing: readonly AlertEvent[]): void;
}

/** The alerts that a clean-up can end. */
const pressing: ReadonlySet<string> = new Set(["disk_usage", "free_disk"]);
const repeatUs = 900 * 1_000_000;

/**
 * @param onPressure - called when one of those alerts begins, once for several of one run, and again every 900 seconds
 * while one lasts: what could not be freed may be by then.
 */
export function createDiskPressure(onPressure: () => void, clock: Clock): DiskPressure {
  let dueUs = 0;
  return {
    receive({ alert, change }) {
      if (change === "fired" && pressing.has(alert)) dueUs = 0;
    },
    look(firing) {
      const nowUs = clock.monotonicUs();
      if (nowUs < dueUs || !firing.some(({ alert }) => pressing.has(alert))) return;
      dueUs = nowUs + repeatUs;
      onPressure();
    },
  };
}
