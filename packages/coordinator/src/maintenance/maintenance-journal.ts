import type { ContainerLogger } from "@waybill/logger";
import type { Clock } from "@waybill/protocols";
import type { RetentionPlan } from "@waybill/retention";
import type { MaintenanceReport } from "./maintenance-report.ts";

/** Under pressure many runs a second may be needed; people want one line of them. */
const quietMs = 1000;

/** Tells in `system/` what maintenance does. */
export interface MaintenanceJournal {
  /** Each step with its rule, at DEBUG. */
  notePlan(plan: RetentionPlan): void;
  /** At most once a second, and then the sums of what happened since; a run that did nothing is not told. */
  noteRun(report: MaintenanceReport): void;
  /** Once for the same failure, until a run comes to its end. */
  noteFailure(error: unknown): void;
  /** Tells what is still untold. */
  flush(): void;
}

interface Untold {
  runs: number;
  sealed: number;
  archived: number;
  deleted: number;
  freed_bytes: number;
  failed: number;
  postponed: number;
  duration_ms: number;
}

const nothing: Readonly<Untold> = {
  runs: 0,
  sealed: 0,
  archived: 0,
  deleted: 0,
  freed_bytes: 0,
  failed: 0,
  postponed: 0,
  duration_ms: 0,
};

/** @param logger - asked for when there is something to tell. */
export function createMaintenanceJournal(logger: () => ContainerLogger, clock: Clock): MaintenanceJournal {
  let untold: Untold = { ...nothing };
  let latest: MaintenanceReport | undefined;
  let toldUs = Number.NEGATIVE_INFINITY;
  let unmetText = "";
  let failureText = "";

  const tell = (): void => {
    if (latest === undefined || untold.sealed + untold.archived + untold.deleted + untold.failed === 0)
      return;
    const { reason, totalBytes, errors } = latest;
    const fields = { reason, ...untold, total_bytes: totalBytes, lifecycle_operation: "maintenance" };
    if (untold.failed === 0) logger().info("Maintenance of the log tree", fields);
    else logger().error("Maintenance of the log tree, with failures", { ...fields, first: errors[0] });
    untold = { ...nothing };
    toldUs = clock.monotonicUs();
  };

  /** Once for each different state of things, so that one that lasts is not told with every run. */
  const tellUnmet = ({ unmet, totalBytes }: MaintenanceReport): void => {
    const text = unmet.map(({ limit, container }) => `${limit} ${container ?? ""}`).join();
    if (text === unmetText) return;
    unmetText = text;
    if (text === "") logger().info("All limits are kept again", { lifecycle_operation: "limits_met" });
    else
      logger().error("A limit cannot be kept: what could make room is held or in use", {
        unmet: unmet.map(({ limit, container, missingBytes, blocked }) => ({
          limit,
          container,
          missing_bytes: missingBytes,
          blocked,
        })),
        total_bytes: totalBytes,
        lifecycle_operation: "limits_unmet",
      });
  };

  return {
    notePlan({ steps }) {
      if (!logger().isEnabled("DEBUG")) return;
      for (const { action, cause, segment, rule, bytesFreed } of steps)
        logger().debug("Planned", { action, cause, path: segment.path, rule, bytes_freed: bytesFreed });
    },
    noteRun(report) {
      latest = report;
      failureText = "";
      untold.runs += 1;
      untold.sealed += report.sealed;
      untold.archived += report.archived;
      untold.deleted += report.deleted;
      untold.freed_bytes += report.bytesFreed;
      untold.failed += report.failed;
      untold.postponed += report.postponed;
      untold.duration_ms += report.durationMs;
      tellUnmet(report);
      if (clock.monotonicUs() - toldUs >= quietMs * 1000) tell();
    },
    noteFailure(error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      if (name === "AbortError" || message === failureText) return;
      failureText = message;
      logger().error("Maintenance of the log tree failed", {
        reason: message,
        lifecycle_operation: "maintenance_failed",
      });
    },
    flush: tell,
  };
}
