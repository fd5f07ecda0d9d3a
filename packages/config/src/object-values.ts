import { addIssue, type ConfigPath, type ConfigReport, pathId } from "./config-issue.ts";
import { maxDepth, maxNodes, reservedKeys, TooManyNodes } from "./input-limits.ts";
import { childOf, fieldsOf } from "./schema-shape.ts";

/** The last key of a path as the caller spelled it, by {@link pathId} of the snake_case path. */
export type Spellings = Map<string, string>;

/** What one walk carries. `open` holds the objects around the present one, to find cycles. */
interface Walk {
  readonly report: ConfigReport;
  readonly spellings: Spellings;
  readonly open: Set<object>;
  nodes: number;
}

/** Whether a value is a map or list to be copied, rather than an instance of some class. */
export function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** `batchSize` → `batch_size`. */
export function toSnakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** `batch_size` → `batchSize`. */
export function toCamelCase(key: string): string {
  return key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** A path as the caller spelled its keys. */
export function spelledPath(spellings: Spellings, path: ConfigPath): ConfigPath {
  return path.map((key, index) => spellings.get(pathId(path.slice(0, index + 1))) ?? key);
}

/**
 * Copies an object that was passed in code into maps without prototype, with the known keys in snake_case.
 *
 * Instances of classes and functions are taken over as they are: the schema refuses them, but below `settings`, where
 * a factory may want them.
 *
 * @param spellings - filled with the keys that are renamed.
 */
export function copyObject(
  input: unknown,
  schema: unknown,
  report: ConfigReport,
  spellings: Spellings,
): unknown {
  const walk: Walk = { report, spellings, open: new Set(), nodes: 0 };
  try {
    return copy(walk, input, schema, []);
  } catch (error) {
    if (!(error instanceof TooManyNodes)) throw error;
    addIssue(report, [], `holds more than ${maxNodes} values; write less`);
    return undefined;
  }
}

function copy(walk: Walk, value: unknown, schema: unknown, path: ConfigPath): unknown {
  walk.nodes += 1;
  if (walk.nodes > maxNodes) throw new TooManyNodes();
  if (!isPlain(value)) {
    if (typeof value === "object" && value !== null && schema !== undefined) {
      addIssue(walk.report, path, "must be plain data, is an instance of a class");
    }
    return value;
  }
  if (walk.open.has(value) || walk.open.size >= maxDepth) {
    const fault = walk.open.has(value)
      ? "refers to itself"
      : `is nested too deeply; keep to ${maxDepth} levels`;
    addIssue(walk.report, path, fault);
    return null;
  }
  walk.open.add(value);
  const copied = Array.isArray(value)
    ? Array.from(value, (item: unknown, index) => copy(walk, item, childOf(schema, index), [...path, index]))
    : copyMap(walk, value, schema, path);
  walk.open.delete(value);
  return copied;
}

function copyMap(walk: Walk, value: object, schema: unknown, path: ConfigPath): unknown {
  const fields = fieldsOf(schema);
  const map: Record<string, unknown> = Object.create(null);
  for (const key of Object.keys(value)) {
    const snake = toSnakeCase(key);
    const name =
      fields !== undefined && !Object.hasOwn(fields, key) && Object.hasOwn(fields, snake) ? snake : key;
    const at = [...path, name];
    if (reservedKeys.has(key)) {
      addIssue(walk.report, at, "is a reserved word of JavaScript and cannot be a key; rename it");
    } else if (Object.hasOwn(map, name)) {
      addIssue(walk.report, at, `is given twice, as ${name} and ${toCamelCase(name)}; keep one`);
    } else {
      if (name !== key) walk.spellings.set(pathId(at), key);
      const item: unknown = Reflect.get(value, key);
      if (item !== undefined) map[name] = copy(walk, item, childOf(schema, name), at);
    }
  }
  return map;
}
