import { type ConfigPath, type ConfigSource, formatPath } from "./config-issue.ts";
import { isPlain, toCamelCase } from "./object-values.ts";
import { type CheckedConfig, configSchema } from "./schema.ts";
import { childOf, fieldsOf } from "./schema-shape.ts";
import type { DiskSpace } from "./sections/retention-policy.ts";
import { firstSpelling, isOtherSpelling, spellingsOf } from "./spellings.ts";
import type { WaybillConfig } from "./waybill-config.ts";

/** Where a value comes from. */
export type SettingOrigin =
  | { readonly kind: "default" }
  /** `key`: as the file spells it. Line and column from 1. */
  | {
      readonly kind: "file";
      readonly file: string | undefined;
      readonly line: number;
      readonly column: number;
      readonly key: string;
    }
  | { readonly kind: "environment"; readonly variable: string }
  /** Of an object that was given to `resolveConfig`. */
  | { readonly kind: "code" };

/** One value that holds. */
export interface ConfigSetting {
  /** Dotted path of the key as a file would have it: `logging.performance.batch_size`. */
  readonly path: string;
  /** The same as a list of keys. */
  readonly keys: ConfigPath;
  /** In the unit of the key; undefined when there is none, such as a limit that is not set. */
  readonly value: unknown;
  readonly origin: SettingOrigin;
}

/** What one listing carries: what was given, where it stands, and the list so far. */
interface Listing {
  readonly source: ConfigSource;
  readonly settings: ConfigSetting[];
}

function member(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined;
}

function originOf({ source }: Listing, path: ConfigPath): SettingOrigin {
  const variable = source.variableOf(path);
  if (variable !== undefined) return { kind: "environment", variable };
  const position = source.locate(path, "key");
  if (position === undefined) return { kind: "code" };
  return { kind: "file", file: source.file, ...position, key: String(path.at(-1)) };
}

function add(listing: Listing, keys: ConfigPath, value: unknown, origin: SettingOrigin): void {
  listing.settings.push({ path: formatPath(keys), keys, value, origin });
}

function isDiskSpace(value: unknown): value is DiskSpace {
  return member(value, "bytes") !== undefined || member(value, "percent") !== undefined;
}

/** A resolved value in the words of the file. */
function inFile(value: unknown): unknown {
  if (!isDiskSpace(value)) return value;
  return "percent" in value ? `${value.percent}%` : `${value.bytes}B`;
}

/** The items of a list as they were given, in the units of their first spellings: `{ max_age: 3d }` has become 3 days. */
function givenItems(items: readonly unknown[], schema: unknown): readonly unknown[] {
  return items.map((item, index) => {
    const fields = childOf(schema, index);
    if (!isPlain(item) || fieldsOf(fields) === undefined) return item;
    const given = Object.entries(item).filter(([, value]) => value !== undefined);
    return Object.fromEntries(given.map(([key, value]) => [firstSpelling(key, fields), value]));
  });
}

/** A section with known keys: each value that holds, under its first spelling. */
function listSection(
  listing: Listing,
  path: ConfigPath,
  schema: unknown,
  given: unknown,
  resolved: unknown,
): void {
  for (const key of Object.keys(fieldsOf(schema) ?? {})) {
    if (isOtherSpelling(key, schema)) continue;
    const inner = childOf(schema, key);
    const at = [...path, key];
    const value = member(resolved, toCamelCase(key));
    if (fieldsOf(inner) !== undefined) {
      listSection(listing, at, inner, member(given, key), value);
    } else if (key === "levels_by_type") {
      listGiven(listing, at, value);
    } else {
      const spelled = spellingsOf(key, schema).find((spelling) => member(given, spelling) !== undefined);
      const items = spelled === undefined ? undefined : member(given, spelled);
      const written = Array.isArray(items) ? givenItems(items, inner) : value;
      const origin: SettingOrigin =
        spelled === undefined ? { kind: "default" } : originOf(listing, [...path, spelled]);
      add(listing, at, inFile(written), origin);
    }
  }
}

/** Whether an empty key says something here: the name of a component, or anything below `settings`. */
function meansSomethingEmpty(path: ConfigPath): boolean {
  return path[0] === "containers" && path.length > (path[2] === "settings" ? 3 : 4);
}

/** A part without defaults: every value that was given. */
function listGiven(listing: Listing, path: ConfigPath, given: unknown): void {
  if (given === undefined || (given === null && !meansSomethingEmpty(path))) return;
  const isMap = isPlain(given) && !Array.isArray(given);
  const entries = isMap ? Object.entries(given) : [];
  if (entries.length > 0) {
    for (const [key, value] of entries) listGiven(listing, [...path, key], value);
  } else if (!isMap || path.length > 2) add(listing, path, given, originOf(listing, path));
}

/** Lists a configuration as a file would hold it, in the order of the schema; containers as they are declared. */
export function listSettings(
  config: WaybillConfig,
  given: CheckedConfig,
  source: ConfigSource,
): readonly ConfigSetting[] {
  const listing: Listing = { source, settings: [] };
  for (const key of ["coordinator_id", "log_dir"] as const) {
    const nested = given.coordinator?.[key] !== undefined;
    const path = nested ? ["coordinator", key] : [key];
    const isGiven = nested || given[key] !== undefined;
    const value = key === "log_dir" ? config.coordinator.logDir : config.coordinator.coordinatorId;
    add(listing, ["coordinator", key], value, isGiven ? originOf(listing, path) : { kind: "default" });
  }
  listSection(listing, ["logging"], childOf(configSchema, "logging"), given.logging, config.logging);
  listGiven(listing, ["containers"], given.containers);
  return listing.settings;
}
