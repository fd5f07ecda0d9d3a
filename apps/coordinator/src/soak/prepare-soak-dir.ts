import { readFileSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { createTreeLayout } from "@waybill/log-tree";
import { AppError, systemReason } from "../cli/app-error.ts";
import { checkLogDir } from "../run/check-log-dir.ts";
import { soakCoordinatorId } from "./plan-soak.ts";

/**
 * A soak begins with an empty tree: that of an earlier soak is removed. No other one is touched, since small limits
 * would soon have deleted what is in it.
 *
 * @throws {AppError} exit code 2 for any other tree, and as `checkLogDir`.
 */
export function prepareSoakDir(logDir: string): void {
  if (!checkLogDir(logDir)) return;
  if (coordinatorOf(logDir) !== soakCoordinatorId) {
    throw new AppError(2, `the log tree ${logDir} is not that of a soak, which would delete what is in it`, {
      fix: "name a new or empty directory with --log-dir",
    });
  }
  try {
    rmSync(resolve(logDir), { recursive: true });
  } catch (cause) {
    throw new AppError(3, `cannot remove the earlier soak ${logDir}: ${systemReason(cause)}`, {
      fix: "name another directory with --log-dir",
      cause,
    });
  }
}

function coordinatorOf(logDir: string): unknown {
  try {
    const marker: unknown = JSON.parse(readFileSync(createTreeLayout(resolve(logDir)).marker, "utf8"));
    return marker instanceof Object && "coordinator_id" in marker ? marker.coordinator_id : undefined;
  } catch {
    return undefined;
  }
}
