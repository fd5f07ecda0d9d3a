import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { configJsonSchema } from "./json-schema.ts";
import { pendingPaths } from "./pending.ts";

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Every key that the schema names, with its own part of the schema. */
function describedKeys(schema: unknown, path = ""): [string, unknown][] {
  if (Array.isArray(schema)) return schema.flatMap((item: unknown) => describedKeys(item, path));
  if (!isMap(schema)) return [];
  const { properties, default: _, ...rest } = schema;
  const keys = Object.entries(isMap(properties) ? properties : {});
  return [
    ...keys.flatMap(([key, part]): [string, unknown][] => [
      [`${path}.${key}`, part],
      ...describedKeys(part, `${path}.${key}`),
    ]),
    ...Object.values(rest).flatMap((part) => describedKeys(part, path)),
  ];
}

describe("configJsonSchema", () => {
  it("equals the published file (write it with `pnpm --filter @waybill/config schema`)", () => {
    const published: unknown = JSON.parse(
      readFileSync(new URL("../schema/waybill.schema.json", import.meta.url), "utf8"),
    );
    expect(published).toEqual(JSON.parse(JSON.stringify(configJsonSchema())));
  });

  it("describes every key", () => {
    const keys = describedKeys(configJsonSchema());
    const silent = keys.filter(([, part]) => !isMap(part) || typeof part["description"] !== "string");
    expect(keys.length).toBeGreaterThan(50);
    expect(silent.map(([path]) => path)).toEqual([]);
  });

  it("refuses unknown keys at the top and knows both shapes", () => {
    expect(configJsonSchema()).toMatchObject({
      additionalProperties: false,
      properties: { coordinator: {}, coordinator_id: {}, log_dir: {}, logging: {}, containers: {} },
    });
  });

  it("says of the parts that nothing acts on yet, as the README does, and of no others", () => {
    const marked = describedKeys(configJsonSchema())
      .filter(([, part]) => isMap(part) && /nothing acts on it yet/.test(String(part["description"])))
      .map(([path]) => path.slice(1));
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const listed = /nothing acts on them yet: ([^.]+(?:\.[a-z_]+[^.]*)*)\.\n/.exec(readme)?.[1] ?? "";
    expect(marked).toEqual(pendingPaths);
    expect([...listed.matchAll(/`([^`]+)`/g)].map(([, path]) => path)).toEqual(pendingPaths);
  });

  it("marks the deprecated key", () => {
    const keys = new Map(describedKeys(configJsonSchema()));
    expect(keys.get(".logging.retention_policy.max_size_gb")).toMatchObject({ deprecated: true });
  });
});
