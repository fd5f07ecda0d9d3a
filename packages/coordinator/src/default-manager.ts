import { resolveConfig } from "@waybill/config";
import { type LogManager, openLogManager } from "./log-manager.ts";

/** What the application has set; goes before all others. */
let chosen: LogManager | undefined;
/** Those of the open coordinators, the first one first. */
const offered = new Set<LogManager>();
let byDefault: LogManager | undefined;

/** Makes a manager the one that `addLoggingToAnyComponent` uses; undefined takes it back. */
export function setProcessLogManager(manager: LogManager | undefined): void {
  chosen = manager;
}

/** The manager of this process: the one that was set, else that of the coordinator that was opened first. */
export function getProcessLogManager(): LogManager | undefined {
  return chosen ?? offered.values().next().value;
}

/** Offers the manager of a coordinator to the process. @returns a function that withdraws it. */
export function offerLogManager(manager: LogManager): () => void {
  offered.add(manager);
  return () => {
    offered.delete(manager);
    if (chosen === manager) chosen = undefined;
  };
}

/**
 * The manager of this process; without one, a default manager on `./logs` that is opened on first use and lives as long
 * as the process.
 *
 * @throws {WaybillError} as `openLogManager`.
 */
export function processLogManager(): LogManager {
  const known = getProcessLogManager();
  if (known !== undefined) return known;
  byDefault ??= openLogManager({ config: resolveConfig({}).config });
  return byDefault;
}
