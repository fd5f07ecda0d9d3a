import { AppError } from "../cli/app-error.ts";
import { nearest } from "../cli/nearest.ts";

/** A setting of a container: a number with its limits. */
export interface NumberSetting {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly integer?: boolean;
}

/**
 * Reads the settings of a container.
 *
 * @param extra - further keys that are allowed, and read elsewhere.
 * @throws {AppError} exit code 2 naming the key, the value and the limits, or the nearest known key.
 */
export function readSettings<K extends string>(
  containerId: string,
  settings: Readonly<Record<string, unknown>>,
  known: Readonly<Record<K, NumberSetting>>,
  extra: readonly string[] = [],
): Record<K, number> {
  const keys = Object.keys(known);
  for (const key of Object.keys(settings)) {
    if (keys.includes(key) || extra.includes(key)) continue;
    const guess = nearest(key, [...keys, ...extra]);
    const fix = guess === undefined ? "remove it" : `did you mean "${guess}"?`;
    throw new AppError(2, `settings of ${containerId} have an unknown key "${key}"`, { fix });
  }
  const values: Partial<Record<K, number>> = {};
  for (const key in known) values[key] = readNumber(containerId, key, settings[key], known[key]);
  return values as Record<K, number>;
}

function readNumber(containerId: string, key: string, value: unknown, setting: NumberSetting): number {
  if (value === undefined) return setting.default;
  const { min, max, integer = false } = setting;
  const isValid =
    typeof value === "number" && value >= min && value <= max && (!integer || Number.isInteger(value));
  if (isValid) return value;
  throw new AppError(2, `settings of ${containerId}: ${key} is ${JSON.stringify(value)}`, {
    fix: `give ${integer ? "an integer" : "a number"} from ${min} to ${max}`,
  });
}
