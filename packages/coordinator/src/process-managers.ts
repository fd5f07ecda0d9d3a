import type { LogManager } from "./log-manager.ts";

/** What the application has set; goes before all others. */
let chosen: LogManager | undefined;
/** Those of the open coordinators and the default one, the first one first. */
const offered = new Set<LogManager>();

/** Makes a manager the one that `addLoggingToAnyComponent` uses; undefined takes it back. */
export function setProcessLogManager(manager: LogManager | undefined): void {
  chosen = manager;
}

/** The manager of this process: the one that was set, else the one that was opened first of those still open. */
export function getProcessLogManager(): LogManager | undefined {
  return chosen ?? offered.values().next().value;
}

/** Offers a manager to the process. @returns a function that withdraws it. */
export function offerLogManager(manager: LogManager): () => void {
  offered.add(manager);
  return () => withdrawLogManager(manager);
}

/** A manager that is closing is nobody's any more. */
export function withdrawLogManager(manager: LogManager): void {
  offered.delete(manager);
  if (chosen === manager) chosen = undefined;
}
