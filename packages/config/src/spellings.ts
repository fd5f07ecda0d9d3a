import { fieldsOf } from "./schema-shape.ts";

/** Keys that mean the same value as another of their section, beside those that differ in their unit alone. */
const synonyms: Readonly<Record<string, string>> = {
  max_size_gb: "max_total_size_gb",
  async_writing: "mode",
};

/** The value that a key names, whatever its unit: `max_age_days` and `max_age` are one. */
function meaningOf(key: string): string {
  return (synonyms[key] ?? key).replace(/_(days|gb|mb|kb|seconds)$/, "");
}

/** The keys of a section that name the same value as one of them, that one included. */
export function spellingsOf(key: string, section: unknown): readonly string[] {
  return Object.keys(fieldsOf(section) ?? {}).filter((other) => meaningOf(other) === meaningOf(key));
}

/** Whether a key is another way to write a value: text without a unit in the key, or an old name. */
export function isOtherSpelling(key: string, section: unknown): boolean {
  if (key === "async_writing") return false;
  return spellingsOf(key, section).some(
    (other) => other !== key && (key in synonyms || other.startsWith(`${key}_`)),
  );
}

/** The spelling of a value that has its unit in the key. */
export function firstSpelling(key: string, section: unknown): string {
  return spellingsOf(key, section).find((other) => !isOtherSpelling(other, section)) ?? key;
}
