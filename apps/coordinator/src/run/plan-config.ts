import type { ContainerConfig, WaybillConfig } from "@waybill/config";
import { AppError } from "../cli/app-error.ts";
import { nearest } from "../cli/nearest.ts";
import { containerTypes } from "../containers/create-factories.ts";

/** What the command line changes in a configuration. */
export interface ConfigChanges {
  readonly logDir: string | undefined;
  /** Number of strategy containers. */
  readonly strategies: number | undefined;
}

/**
 * The configuration as this run uses it.
 *
 * @throws {AppError} exit code 2 when a type is unknown, or the pipeline has not exactly one beginning and one end.
 */
export function planConfig(config: WaybillConfig, { logDir, strategies }: ConfigChanges): WaybillConfig {
  const configured = Object.values(config.containers);
  for (const { containerId, type } of configured) checkType(containerId, type);
  for (const type of ["data", "execution"]) checkSingle(configured, type);
  const containers = strategies === undefined ? configured : withStrategies(configured, strategies);
  return {
    ...config,
    coordinator: { ...config.coordinator, logDir: logDir ?? config.coordinator.logDir },
    containers: Object.fromEntries(containers.map((container) => [container.containerId, container])),
  };
}

function checkType(containerId: string, type: string): void {
  if (containerTypes.some((known) => known === type)) return;
  const guess = nearest(type, containerTypes);
  throw new AppError(2, `container ${containerId} has the unknown type "${type}"`, {
    fix: guess === undefined ? `give one of ${containerTypes.join(", ")}` : `did you mean "${guess}"?`,
  });
}

function checkSingle(containers: readonly ContainerConfig[], type: string): void {
  const found = containers.filter((container) => container.type === type);
  if (found.length === 1) return;
  const ids = found.map(({ containerId }) => containerId).join(", ") || "none";
  throw new AppError(2, `the pipeline needs exactly one container of type "${type}" and has ${ids}`, {
    fix: "correct containers in the configuration",
  });
}

/** Keeps the first strategies, or adds more of the kind of the last one, in the place where they stand. */
function withStrategies(containers: readonly ContainerConfig[], wanted: number): ContainerConfig[] {
  const strategies = containers.filter(({ type }) => type === "strategy");
  const last = strategies.at(-1);
  if (last === undefined) {
    throw new AppError(2, '--containers needs a container of type "strategy" in the configuration', {
      fix: "add one",
    });
  }
  const kept = new Set(strategies.slice(0, wanted));
  const result = containers.filter((container) => container.type !== "strategy" || kept.has(container));
  const used = new Set(containers.map(({ containerId }) => containerId));
  const stem = last.containerId.replace(/_\d+$/, "");
  const added: ContainerConfig[] = [];
  for (let number = 1; kept.size + added.length < wanted; number += 1) {
    const containerId = `${stem}_${String(number).padStart(3, "0")}`;
    if (!used.has(containerId)) added.push({ ...last, containerId });
  }
  result.splice(result.findLastIndex(({ type }) => type === "strategy") + 1, 0, ...added);
  return result;
}
