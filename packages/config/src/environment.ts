import { WaybillError } from "@waybill/protocols";
import { z } from "zod";
import { addIssue, type ConfigPath, type ConfigReport, type ConfigSource, pathId } from "./config-issue.ts";
import { maxDepth, reservedKeys } from "./input-limits.ts";
import { nearestKey } from "./nearest-key.ts";
import { configSchema } from "./schema.ts";
import { childOf, fieldsOf, unwrapped } from "./schema-shape.ts";
import { quoted } from "./shown-value.ts";
import { spellingsOf } from "./spellings.ts";
import { readYaml } from "./yaml-source.ts";
import { toPlainValues } from "./yaml-values.ts";

/** Environment variables by name, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** `WAYBILL_LOGGING__PERFORMANCE__BATCH_SIZE`; names without a double underscore belong to others. */
const overridePattern = /^WAYBILL_(.+__.+)$/;
const maxValueLength = 65_536;

/** The value of a variable has no lines of its own worth naming. */
const nowhere: ConfigSource = {
  file: undefined,
  camelCase: false,
  locate: () => undefined,
  spelled: (path) => path,
  variableOf: () => undefined,
};

type PlainMap = Record<string, unknown>;

/** One variable that overrides something, and who is told of it. */
interface Override {
  readonly variable: string;
  readonly text: string;
  readonly parts: readonly string[];
  readonly report: ConfigReport;
}

/** Where a walk along the parts of a name stands. */
interface Place {
  readonly map: PlainMap;
  readonly schema: unknown;
  readonly path: ConfigPath;
}

function refuse({ report, variable }: Override, path: ConfigPath, message: string): undefined {
  addIssue(report, path, message, { variable });
}

/** The variables that override something, in order of their names. An empty one counts as not set. */
function overridesIn(env: Environment, report: ConfigReport): readonly Override[] {
  const overrides: Override[] = [];
  for (const variable of Object.keys(env).toSorted()) {
    const rest = overridePattern.exec(variable)?.[1];
    const text = env[variable];
    if (rest !== undefined && text !== undefined && text !== "") {
      overrides.push({ variable, text, parts: rest.split("__"), report });
    }
  }
  return overrides;
}

function isMap(value: unknown): value is PlainMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Names of variables have one case and few signs: this is what is left of a key in them. */
function asVariablePart(key: string): string {
  return key.toUpperCase().replace(/[^A-Z0-9]/g, "_");
}

/**
 * The key that a part of a name means: of a section the known one, elsewhere the one that is there already.
 *
 * @returns undefined, with an issue, when there is none.
 */
function keyFor(part: string, { map, schema, path }: Place, override: Override): string | undefined {
  const lower = part.toLowerCase();
  const known = Object.keys(fieldsOf(schema) ?? {});
  if (known.length > 0) {
    if (known.includes(lower)) return lower;
    const near = nearestKey(lower, known);
    const hint = near === undefined ? "" : `; did you mean ${near.toUpperCase()}?`;
    return refuse(override, [...path, lower], `unknown key${hint}`);
  }
  const present = Object.keys(map);
  if (present.includes(part)) return part;
  const fitting = present.filter((key) => asVariablePart(key) === asVariablePart(part));
  if (fitting.length > 1) {
    const keys = fitting.slice(0, 5).map(quoted).join(", ");
    return refuse(override, [...path, lower], `may mean ${keys}; rename one, or change it in the file`);
  }
  if (part === "" || reservedKeys.has(lower)) {
    return refuse(override, [...path, lower], "cannot be a key; correct the name of the variable");
  }
  return fitting[0] ?? lower;
}

/** The map below a key, made when it is absent; undefined, with an issue, when something else stands there. */
function enter(place: Place, key: string, override: Override): Place | undefined {
  const path = [...place.path, key];
  const below = place.map[key] ?? Object.create(null);
  if (!isMap(below)) {
    return refuse(override, path, "is no map, so nothing below it can be set; set it as a whole");
  }
  place.map[key] = below;
  return { map: below, schema: childOf(place.schema, key), path };
}

/** Text where the schema wants text, so that `007` stays a name; else whatever YAML makes of it. */
function readValue(override: Override, schema: unknown, path: ConfigPath): unknown {
  const { text } = override;
  const wanted = unwrapped(schema);
  if (wanted instanceof z.ZodString || wanted instanceof z.ZodEnum) return text;
  const inner: ConfigReport = { source: nowhere, issues: [], warnings: [] };
  try {
    const value = toPlainValues(readYaml(text, undefined), inner);
    for (const { message } of inner.issues) refuse(override, path, message);
    return value;
  } catch (error) {
    if (!(error instanceof WaybillError)) throw error;
    return refuse(override, path, error.message);
  }
}

function isSection(schema: unknown): boolean {
  const inner = unwrapped(schema);
  return inner instanceof z.ZodObject || inner instanceof z.ZodRecord;
}

/** @returns the path that now has another value; undefined, with an issue, when there is none. */
function apply(override: Override, root: PlainMap): ConfigPath | undefined {
  let place: Place | undefined = { map: root, schema: configSchema, path: [] };
  for (const part of override.parts.slice(0, -1)) {
    const key = keyFor(part, place, override);
    place = key === undefined ? undefined : enter(place, key, override);
    if (place === undefined) return undefined;
  }
  const { map, schema, path } = place;
  const key = keyFor(override.parts.at(-1) ?? "", place, override);
  if (key === undefined) return undefined;
  if (isSection(childOf(schema, key))) {
    return refuse(override, [...path, key], "is a section; set one of its keys");
  }
  // Other spellings in the file are overridden with it, and do not contradict it.
  for (const spelling of spellingsOf(key, schema)) delete map[spelling];
  if (path.length === 1 && path[0] === "coordinator") delete root[key];
  map[key] = readValue(override, childOf(schema, key), [...path, key]);
  return [...path, key];
}

/**
 * Puts the values of environment variables over those of a file.
 *
 * @param root - plain maps as read from the file; changed in place.
 * @param variables - filled with the variable of each path that is overridden.
 */
export function applyEnvironment(
  root: unknown,
  env: Environment,
  report: ConfigReport,
  variables: Map<string, string>,
): void {
  if (!isMap(root)) return;
  for (const override of overridesIn(env, report)) {
    const { variable, text, parts } = override;
    if (text.length > maxValueLength || parts.length > maxDepth) {
      refuse(
        override,
        [],
        `is longer than ${maxValueLength} characters, or names more than ${maxDepth} keys`,
      );
      continue;
    }
    const path = apply(override, root);
    if (path !== undefined) variables.set(pathId(path), variable);
  }
}
