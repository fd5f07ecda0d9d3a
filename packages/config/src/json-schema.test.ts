import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { configJsonSchema } from "./json-schema.ts";

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

  it("marks the deprecated key", () => {
    const keys = new Map(describedKeys(configJsonSchema()));
    expect(keys.get(".logging.retention_policy.max_size_gb")).toMatchObject({ deprecated: true });
  });
});
