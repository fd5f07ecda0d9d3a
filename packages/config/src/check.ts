import type { z } from "zod";
import { addIssue, type ConfigPath, type ConfigReport, isFull } from "./config-issue.ts";
import { nearestKey } from "./nearest-key.ts";
import { toCamelCase, toSnakeCase } from "./object-values.ts";
import { type CheckedConfig, configSchema } from "./schema.ts";
import { childOf, fieldsOf } from "./schema-shape.ts";
import { shownValue } from "./shown-value.ts";

type SchemaIssue = z.core.$ZodIssue;

/** So many known keys are listed when none is near; more would hide the message. */
const maxListedKeys = 12;

/**
 * Checks plain values against the schema.
 *
 * @returns undefined when something is wrong; the report then says what.
 */
export function checkConfig(value: unknown, report: ConfigReport): CheckedConfig | undefined {
  const result = configSchema.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) translate(issue, [], value, report);
  return undefined;
}

function translate(issue: SchemaIssue, parent: ConfigPath, root: unknown, report: ConfigReport): void {
  if (isFull(report)) return;
  const path = [...parent, ...issue.path.map((key) => (typeof key === "number" ? key : String(key)))];
  if (issue.code === "unrecognized_keys") {
    for (const key of issue.keys) {
      if (isFull(report)) return;
      addIssue(report, [...path, key], unknownKey(key, path, report), { what: "key" });
    }
  } else if (issue.code === "invalid_key") {
    addIssue(report, path, issue.issues[0]?.message ?? issue.message, { what: "key" });
  } else if (issue.code === "invalid_union" && inner(issue) !== undefined) {
    for (const nested of inner(issue) ?? []) translate(nested, path, root, report);
  } else {
    const value = valueAt(root, path);
    const message =
      value === undefined ? `is missing; ${issue.message}` : `${issue.message}, is ${shownValue(value)}`;
    addIssue(report, path, message);
  }
}

/** The faults inside the one alternative whose shape fits; undefined when none fits or the fault is the shape. */
function inner(issue: Extract<SchemaIssue, { code: "invalid_union" }>): readonly SchemaIssue[] | undefined {
  const fitting = issue.errors.filter((faults) =>
    faults.every(
      ({ path, code }) => path.length > 0 || code === "unrecognized_keys" || code === "invalid_union",
    ),
  );
  return fitting.length === 1 ? fitting[0] : undefined;
}

function unknownKey(key: string, path: ConfigPath, { source }: ConfigReport): string {
  let schema: unknown = configSchema;
  for (const step of path) schema = childOf(schema, step);
  const known = Object.keys(fieldsOf(schema) ?? {});
  const nearest = nearestKey(toSnakeCase(key), known);
  const isCamel = source.camelCase && !key.includes("_");
  if (nearest !== undefined)
    return `unknown key; did you mean "${isCamel ? toCamelCase(nearest) : nearest}"?`;
  const listed = known.slice(0, maxListedKeys).map((name) => (isCamel ? toCamelCase(name) : name));
  if (listed.length === 0) return "unknown key";
  return `unknown key; known here: ${listed.join(", ")}${known.length > maxListedKeys ? ", …" : ""}`;
}

function valueAt(root: unknown, path: ConfigPath): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}
