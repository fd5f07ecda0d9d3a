import { followConfig, type LogManager } from "@waybill/coordinator";
import type { RunPlan } from "./load-plan.ts";

/** What a running process takes orders from. */
export interface FollowedFile {
  /** Call it before the manager is closed. */
  close(): Promise<void>;
}

/**
 * Takes changes of the configuration file over while the run goes on, and writes on SIGUSR2 what the flight recorder
 * keeps.
 *
 * @throws as `followConfig`.
 */
export async function followFile(
  { configPath, adapt }: Pick<RunPlan, "configPath" | "adapt">,
  manager: LogManager,
): Promise<FollowedFile> {
  const release = (): void => void manager.releaseRecorded();
  const watch = await followConfig(configPath, manager, { adapt });
  process.on("SIGUSR2", release);
  return {
    async close() {
      process.removeListener("SIGUSR2", release);
      await watch.close();
    },
  };
}
