import { describe, expect, it } from "vitest";
import { configSchema } from "./schema.ts";
import { childOf, fieldsOf } from "./schema-shape.ts";
import { firstSpelling, isOtherSpelling, spellingsOf } from "./spellings.ts";

const retention = childOf(childOf(configSchema, "logging"), "retention_policy");
const performance = childOf(childOf(configSchema, "logging"), "performance");

/** Every section of the schema with known keys. */
function sections(schema: unknown): unknown[] {
  const fields = fieldsOf(schema);
  if (fields === undefined) return [];
  return [
    schema,
    ...Object.values(fields).flatMap((field) => [...sections(field), ...sections(childOf(field, 0))]),
  ];
}

describe("spellings", () => {
  it("of one value are those with and without its unit, and old names", () => {
    expect(spellingsOf("max_age", retention)).toEqual(["max_age_days", "max_age"]);
    expect(spellingsOf("max_total_size", retention)).toEqual([
      "max_total_size_gb",
      "max_total_size",
      "max_size_gb",
    ]);
    expect(spellingsOf("mode", performance)).toEqual(["async_writing", "mode"]);
    expect(firstSpelling("max_size_gb", retention)).toBe("max_total_size_gb");
  });

  it("have exactly one first among them, in every section", () => {
    const all = sections(configSchema);
    const groups = all.flatMap((section) =>
      Object.keys(fieldsOf(section) ?? {}).map((key) => ({ section, group: spellingsOf(key, section) })),
    );
    const firsts = groups
      .filter(({ group }) => !group.includes("async_writing"))
      .map(({ section, group }) => group.filter((key) => !isOtherSpelling(key, section)).length);
    expect(all.length).toBeGreaterThan(12);
    expect(new Set(firsts)).toEqual(new Set([1]));
  });
});
