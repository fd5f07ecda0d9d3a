import { WaybillError } from "@waybill/protocols";
import { checkConfig } from "./check.ts";
import type { ConfigInput } from "./config-input.ts";
import { addIssue, type ConfigReport, type ConfigSource, throwIfInvalid } from "./config-issue.ts";
import { maxFileBytes } from "./input-limits.ts";
import { copyObject, type Spellings, spelledPath } from "./object-values.ts";
import { readConfigFile } from "./read-file.ts";
import { resolveDefaults } from "./resolve.ts";
import { configSchema } from "./schema.ts";
import type { ConfigResult } from "./waybill-config.ts";
import { readYaml } from "./yaml-source.ts";
import { toPlainValues } from "./yaml-values.ts";

/** What {@link parseConfig} takes beside the text. */
export interface ParseConfigOptions {
  /** Name of the file, for messages only; nothing is read. Default: messages begin with the line. */
  readonly path?: string | undefined;
}

function createReport(source: ConfigSource): ConfigReport {
  return { source, issues: [], warnings: [] };
}

function finish(value: unknown, report: ConfigReport): ConfigResult {
  const checked = checkConfig(value, report);
  throwIfInvalid(report);
  if (checked === undefined)
    throw new WaybillError("WAYBILL_CONFIG_INVALID", "the configuration is not valid");
  const config = resolveDefaults(checked, report);
  throwIfInvalid(report);
  return { config, warnings: Object.freeze(report.warnings) };
}

/**
 * Reads a YAML or JSON file: UTF-8, at most 4 MiB.
 *
 * @param path - relative paths start at the working directory.
 * @throws {WaybillError} `WAYBILL_CONFIG_UNREADABLE` when the file cannot be read or is no YAML,
 * `WAYBILL_CONFIG_INVALID` with every wrong key and value otherwise.
 */
export function loadConfig(path: string): ConfigResult {
  return parseConfig(readConfigFile(path), { path });
}

/**
 * Reads the text of a YAML or JSON file. Reads no file and no environment variable.
 *
 * @param text - one YAML 1.2 document; anchors and aliases work, tags and merge keys (`<<`) do not.
 * @throws {WaybillError} `WAYBILL_CONFIG_UNREADABLE` when it is no YAML, `WAYBILL_CONFIG_INVALID` with every wrong
 * key and value otherwise.
 */
export function parseConfig(text: string, { path }: ParseConfigOptions = {}): ConfigResult {
  if (text.length > maxFileBytes) {
    throw new WaybillError("WAYBILL_CONFIG_UNREADABLE", `the text is longer than ${maxFileBytes} characters`);
  }
  const yaml = readYaml(text.startsWith("\ufeff") ? text.slice(1) : text, path);
  const report = createReport({ file: path, camelCase: false, locate: yaml.locate, spelled: (keys) => keys });
  const value = toPlainValues(yaml, report);
  if (value === null) {
    addIssue(report, [], 'holds no value; write at least "coordinator:" with a coordinator_id');
    throwIfInvalid(report);
  }
  return finish(value, report);
}

/**
 * Checks a configuration that stands in code, and fills in the defaults. The object is copied, not changed.
 *
 * @param input - the keys of the file in snake_case or camelCase. Below `settings`, functions and instances of classes
 * are taken over as they are.
 * @throws {WaybillError} `WAYBILL_CONFIG_INVALID` with every wrong key and value.
 */
export function resolveConfig(input: ConfigInput): ConfigResult {
  const spellings: Spellings = new Map();
  const report = createReport({
    file: undefined,
    camelCase: true,
    locate: () => undefined,
    spelled: (path) => spelledPath(spellings, path),
  });
  try {
    return finish(copyObject(input, configSchema, report, spellings), report);
  } catch (error) {
    if (error instanceof WaybillError) throw error;
    // A getter or proxy of the caller threw while its value was read.
    throw new WaybillError("WAYBILL_CONFIG_INVALID", "the configuration object cannot be read", {
      cause: error,
    });
  }
}
