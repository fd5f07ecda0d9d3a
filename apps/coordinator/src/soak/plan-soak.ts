import { fileURLToPath } from "node:url";
import type { RunOptions } from "../cli/options.ts";
import { loadPlan, type RunPlan } from "../run/load-plan.ts";

/** By it the tree of a soak is known from all others. */
export const soakCoordinatorId = "soak";

const defaultLogDir = "./soak-logs";
const defaultConfigPath = fileURLToPath(new URL("../../soak.yaml", import.meta.url));

/** As `loadPlan`, of the configuration for soaks, and never for the tree that a configuration names. */
export function loadSoakPlan(options: RunOptions): Promise<RunPlan> {
  const { configPath = defaultConfigPath, logDir = defaultLogDir } = options;
  return loadPlan({ ...options, configPath, logDir }, (config) => ({
    ...config,
    coordinator: { ...config.coordinator, coordinatorId: soakCoordinatorId },
  }));
}
