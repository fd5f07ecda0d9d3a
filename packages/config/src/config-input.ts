import type { FileConfig } from "./schema.ts";

/** `max_age_days` → `maxAgeDays`. */
type CamelKey<Key> = Key extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<CamelKey<Tail>>}` : Key;

/** The same with the known keys in camelCase; keys that the user chooses stay. */
type Camel<Value> = Value extends readonly (infer Item)[]
  ? readonly Camel<Item>[]
  : Value extends object
    ? { [Key in keyof Value as string extends Key ? Key : CamelKey<Key>]: Camel<Value[Key]> }
    : Value;

/**
 * A configuration as an object in code: the keys of the file, or the same in camelCase. Everything but the `type` of
 * a container may be left out.
 */
export type ConfigInput = FileConfig | Camel<FileConfig>;
