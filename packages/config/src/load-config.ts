import { WaybillError } from "@waybill/protocols";
import { checkConfig } from "./check.ts";
import type { ConfigInput } from "./config-input.ts";
import {
  addIssue,
  type ConfigPath,
  type ConfigReport,
  type ConfigSource,
  pathId,
  throwIfInvalid,
} from "./config-issue.ts";
import { applyEnvironment, type Environment } from "./environment.ts";
import { maxFileBytes } from "./input-limits.ts";
import { copyObject, type Spellings, spelledPath } from "./object-values.ts";
import { readConfigFile } from "./read-file.ts";
import { resolveDefaults } from "./resolve.ts";
import { configSchema } from "./schema.ts";
import { listSettings } from "./settings.ts";
import { nameOfType } from "./shown-value.ts";
import type { ConfigResult } from "./waybill-config.ts";
import { readYaml } from "./yaml-source.ts";
import { toPlainValues } from "./yaml-values.ts";

/** Options of {@link loadConfig} and {@link resolveConfig}. */
export interface LoadConfigOptions {
  /**
   * Variables whose values stand above those of the file: `WAYBILL_`, then the keys in capitals with two underscores
   * between, as in `WAYBILL_LOGGING__RETENTION_POLICY__MAX_TOTAL_SIZE_GB=20`. Lists are written as YAML: `[a, b]`. Empty
   * variables count as not set; names without a double underscore are left alone. Usually `process.env`.
   * Default: none, so that the file alone decides.
   */
  readonly env?: Environment | undefined;
}

/** Options of {@link parseConfig}. */
export interface ParseConfigOptions extends LoadConfigOptions {
  /** Name of the file, for messages only; nothing is read. Default: messages begin with the line. */
  readonly path?: string | undefined;
}

/** Takes the variable of the nearest part of a path that has one. */
function findVariable(variables: ReadonlyMap<string, string>, path: ConfigPath): string | undefined {
  if (variables.size === 0) return undefined;
  for (let length = path.length; length > 0; length--) {
    const variable = variables.get(pathId(path.slice(0, length)));
    if (variable !== undefined) return variable;
  }
  return undefined;
}

function finish(value: unknown, report: ConfigReport, env: Environment = {}): ConfigResult {
  const variables = new Map<string, string>();
  const source: ConfigSource = { ...report.source, variableOf: (path) => findVariable(variables, path) };
  const overlaid: ConfigReport = { ...report, source };
  applyEnvironment(value, env, overlaid, variables);
  const checked = checkConfig(value, overlaid);
  throwIfInvalid(overlaid);
  if (checked === undefined)
    throw new WaybillError("WAYBILL_CONFIG_INVALID", "the configuration is not valid");
  const config = resolveDefaults(checked, overlaid);
  throwIfInvalid(overlaid);
  return {
    config,
    warnings: Object.freeze(overlaid.warnings),
    settings: () => listSettings(config, checked, source),
  };
}

/**
 * Reads a YAML or JSON file: UTF-8, at most 4 MiB and 700,000 words and signs.
 *
 * @param path - relative paths start at the working directory.
 * @throws {WaybillError} `WAYBILL_CONFIG_UNREADABLE` when the file cannot be read or is no YAML,
 * `WAYBILL_CONFIG_INVALID` with every wrong key and value otherwise.
 * @throws {TypeError} when the path is no text.
 */
export function loadConfig(path: string, options: LoadConfigOptions = {}): ConfigResult {
  return parseConfig(readConfigFile(path), { ...options, path });
}

/**
 * Reads the text of a YAML or JSON file. Reads no file, and no environment but the one it is given.
 *
 * @param text - one YAML 1.2 document; anchors and aliases work, tags and merge keys (`<<`) do not.
 * @throws {WaybillError} `WAYBILL_CONFIG_UNREADABLE` when it is no YAML, `WAYBILL_CONFIG_INVALID` with every wrong
 * key and value otherwise.
 * @throws {TypeError} when the text is none.
 */
export function parseConfig(text: string, { path, env }: ParseConfigOptions = {}): ConfigResult {
  if (typeof text !== "string") {
    throw new TypeError(
      `the configuration must be text, is ${nameOfType(text)}; resolveConfig takes objects`,
    );
  }
  if (text.length > maxFileBytes) {
    throw new WaybillError("WAYBILL_CONFIG_UNREADABLE", `the text is longer than ${maxFileBytes} characters`);
  }
  const yaml = readYaml(text.startsWith("\ufeff") ? text.slice(1) : text, path);
  const source: ConfigSource = {
    file: path,
    camelCase: false,
    locate: yaml.locate,
    spelled: (keys) => keys,
    variableOf: () => undefined,
  };
  const report: ConfigReport = { source, issues: [], warnings: [] };
  const value = toPlainValues(yaml, report);
  if (value === null) {
    addIssue(report, [], 'holds no value; write at least "coordinator:" with a coordinator_id');
    throwIfInvalid(report);
  }
  return finish(value, report, env);
}

/**
 * Checks a configuration that stands in code, and fills in the defaults. The object is copied, not changed.
 *
 * @param input - the keys of the file in snake_case or camelCase. Below `settings`, functions and instances of classes
 * are taken over as they are.
 * @throws {WaybillError} `WAYBILL_CONFIG_INVALID` with every wrong key and value.
 */
export function resolveConfig(input: ConfigInput, { env }: LoadConfigOptions = {}): ConfigResult {
  const spellings: Spellings = new Map();
  const source: ConfigSource = {
    file: undefined,
    camelCase: true,
    locate: () => undefined,
    spelled: (path) => spelledPath(spellings, path),
    variableOf: () => undefined,
  };
  const report: ConfigReport = { source, issues: [], warnings: [] };
  try {
    return finish(copyObject(input, configSchema, report, spellings), report, env);
  } catch (error) {
    if (error instanceof WaybillError) throw error;
    // A getter or proxy of the caller threw while its value was read.
    throw new WaybillError("WAYBILL_CONFIG_INVALID", "the configuration object cannot be read", {
      cause: error,
    });
  }
}
