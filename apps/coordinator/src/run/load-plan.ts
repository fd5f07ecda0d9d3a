import { fileURLToPath } from "node:url";
import { loadConfig, type WaybillConfig } from "@waybill/config";
import { isWaybillError } from "@waybill/protocols";
import { AppError } from "../cli/app-error.ts";
import type { RunOptions } from "../cli/options.ts";
import type { Bar } from "../market/bar.ts";
import { barsBetween, loadBars } from "../market/load-bars.ts";
import { planConfig } from "./plan-config.ts";
import { rehearse } from "./rehearse.ts";

/** Everything that is known before the first byte is written. */
export interface RunPlan {
  readonly config: WaybillConfig;
  /** The file that {@link config} comes from. */
  readonly configPath: string;
  /** What the command line makes of the configuration of that file. Pure. @throws {AppError} as `planConfig`. */
  readonly adapt: (config: WaybillConfig) => WaybillConfig;
  /** Advice on the configuration, one sentence each. */
  readonly warnings: readonly string[];
  /** At least one. */
  readonly bars: readonly [Bar, ...Bar[]];
}

/** The configuration beside this app. */
const defaultConfigPath = fileURLToPath(new URL("../../coordinator.yaml", import.meta.url));

/**
 * Reads configuration and data. Writes nothing.
 *
 * @param finish - changes the configuration last. Pure. Default: as it is.
 * @throws {AppError} with the cause and the fix.
 */
export async function loadPlan(
  options: RunOptions,
  finish: (config: WaybillConfig) => WaybillConfig = (config) => config,
): Promise<RunPlan> {
  const { configPath = defaultConfigPath } = options;
  const { config: loaded, warnings } = readConfig(configPath);
  const adapt = (file: WaybillConfig): WaybillConfig => finish(planConfig(file, options));
  const config = adapt(loaded);
  rehearse(config);
  const data = Object.values(config.containers).find(({ type }) => type === "data");
  const all = await loadBars(readDataPath(data?.settings["path"]));
  const { from, to } = options;
  const [first, ...others] = barsBetween(
    all,
    from?.dayNumber ?? Number.NEGATIVE_INFINITY,
    to?.dayNumber ?? Number.POSITIVE_INFINITY,
  );
  if (first === undefined) {
    throw new AppError(2, `there is no trading day ${rangeOf(from?.text, to?.text)}`, {
      fix: `the data run from ${all[0]?.date} to ${all.at(-1)?.date}`,
    });
  }
  return { config, configPath, adapt, warnings, bars: [first, ...others] };
}

function readConfig(path: string) {
  try {
    return loadConfig(path);
  } catch (cause) {
    if (!isWaybillError(cause)) throw cause;
    throw new AppError(2, cause.message, { fix: "", cause });
  }
}

function readDataPath(value: unknown): string | undefined {
  if (value === undefined || (typeof value === "string" && value !== "")) return value;
  throw new AppError(2, `settings of the data container: path is ${JSON.stringify(value)}`, {
    fix: "give a path",
  });
}

function rangeOf(from: string | undefined, to: string | undefined): string {
  if (from !== undefined && to !== undefined) return `from ${from} to ${to}`;
  return from !== undefined ? `from ${from} on` : `up to ${to}`;
}
