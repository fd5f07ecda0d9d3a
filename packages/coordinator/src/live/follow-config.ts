import { type ConfigWatch, type WatchConfigOptions, type WaybillConfig, watchConfig } from "@waybill/config";
import type { LogManager } from "../log-manager.ts";
import type { AppliedConfig } from "./live-settings.ts";

/** Options of {@link followConfig}. */
export interface FollowConfigOptions
  extends Pick<WatchConfigOptions, "env" | "settleMs" | "checkIntervalMs" | "clock"> {
  /**
   * What the configuration of the file becomes before it is taken over: where a command line stands above it, or what
   * differs by that would seem to need a restart. Pure. What it throws refuses the change. Default: as it is.
   */
  readonly adapt?: (config: WaybillConfig) => WaybillConfig;
  /** Told of each change that was taken over. What it throws is told in the system log; the change holds. */
  readonly onApplied?: (applied: AppliedConfig) => void;
  /** Told why a change was refused; the old configuration stays. */
  readonly onRefused?: (error: unknown) => void;
}

/**
 * Has a running manager follow the file of its configuration: a valid change holds at once, for running loggers,
 * writers, retention and thresholds, without losing an entry. An invalid one is refused with the message that a start
 * would give, and the old stays. Both are told in `system/log_manager.log`.
 *
 * @param path - the file that the manager's configuration was loaded from.
 * @returns the watch; close it before the manager. Does not keep the process alive.
 * @throws as `watchConfig`, `adapt` and `applyConfig`; nothing is watched then.
 */
export async function followConfig(
  path: string,
  manager: LogManager,
  options: FollowConfigOptions = {},
): Promise<ConfigWatch> {
  const { adapt = (config) => config, onApplied, onRefused, ...watching } = options;
  const tell = (applied: AppliedConfig): void => {
    try {
      onApplied?.(applied);
    } catch (error) {
      // Thrown on, it would say that the change was refused, and the next one would be compared with the one before.
      manager.systemLogger.error("What is called after a change of the configuration has failed", {
        path,
        reason: reasonOf(error),
        lifecycle_operation: "config_callback_failed",
      });
    }
  };
  const watch = await watchConfig(path, {
    ...watching,
    onChange: ({ config }) => tell(manager.applyConfig(adapt(config))),
    onRefused(error) {
      manager.systemLogger.error("The configuration was refused, the old one stays", {
        path,
        reason: reasonOf(error),
        lifecycle_operation: "config_refused",
      });
      onRefused?.(error);
    },
  });
  try {
    // It may have changed between the start of the manager and the first reading here.
    const applied = manager.applyConfig(adapt(watch.current.config));
    if (applied.applied.length > 0) tell(applied);
    return watch;
  } catch (error) {
    await watch.close();
    throw error;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
