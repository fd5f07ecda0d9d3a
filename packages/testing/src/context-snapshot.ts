import type { LogContext } from "@waybill/protocols";

/** Bounds of a copy; beyond them stands a mark such as `[+3]`, so that a hostile value costs little. */
const depthMax = 16;
const childrenMax = 1000;
const nodesMax = 20_000;

interface CopyState {
  nodesLeft: number;
  readonly ancestors: Set<object>;
}

function copyMembers(keys: readonly string[], source: object, state: CopyState): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const key of keys.slice(0, childrenMax)) {
    // Not an assignment: a key "__proto__" must become a member, not the prototype.
    Object.defineProperty(copy, key, {
      value: copyMember(source, key, state),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  if (keys.length > childrenMax) copy["…"] = `[+${keys.length - childrenMax}]`;
  return copy;
}

function copyMember(source: object, key: string, state: CopyState): unknown {
  try {
    return copyValue(Reflect.get(source, key), state);
  } catch (error) {
    return describeThrow(error);
  }
}

function describeThrow(error: unknown): string {
  try {
    return `[throws: ${error instanceof Error ? error.message : String(error)}]`;
  } catch {
    return "[throws]";
  }
}

function copyArray(source: readonly unknown[], state: CopyState): unknown[] {
  const copy: unknown[] = [];
  const length = Math.min(source.length, childrenMax);
  for (let index = 0; index < length; index += 1) copy.push(copyMember(source, String(index), state));
  if (source.length > length) copy.push(`[+${source.length - length}]`);
  return copy;
}

function copyError(error: Error, state: CopyState): Record<string, unknown> {
  const keys = ["name", "message", "code", "stack", "cause"].filter((key) => key in error);
  return copyMembers(keys, error, state);
}

function copyObject(source: object, state: CopyState): unknown {
  if (source instanceof Date) return new Date(source.getTime());
  if (source instanceof RegExp) return source;
  if (source instanceof Error) return copyError(source, state);
  if (Array.isArray(source)) return copyArray(source, state);
  if (ArrayBuffer.isView(source)) return `[${source.byteLength} bytes]`;
  if (source instanceof Map) {
    return new Map(copyArray([...source.entries()].slice(0, childrenMax), state) as [unknown, unknown][]);
  }
  if (source instanceof Set) return new Set(copyArray([...source].slice(0, childrenMax), state));
  const toJson: unknown = Reflect.get(source, "toJSON");
  if (typeof toJson === "function") return copyValue(Reflect.apply(toJson, source, []), state);
  return copyMembers(Object.keys(source), source, state);
}

function copyValue(value: unknown, state: CopyState): unknown {
  if (typeof value === "function") return "[function]";
  if (typeof value !== "object" || value === null) return value;
  if (state.ancestors.has(value)) return "[circular]";
  if (state.ancestors.size >= depthMax) return "[deep]";
  if (state.nodesLeft <= 0) return "[more]";
  state.nodesLeft -= 1;
  state.ancestors.add(value);
  try {
    return copyObject(value, state);
  } catch (error) {
    return describeThrow(error);
  } finally {
    state.ancestors.delete(value);
  }
}

/**
 * A deep copy of a context as it is now, for looking at later. Never throws and is bounded: depth 16, 1 000 members
 * each, 20 000 objects. Primitives stay what they are (also `bigint` and `symbol`); functions, circles and members
 * that throw become a text in brackets; errors become `{ name, message, code, stack, cause }`.
 */
export function snapshotContext(context: LogContext): LogContext {
  const copy = copyValue(context, { nodesLeft: nodesMax, ancestors: new Set() });
  return typeof copy === "object" && copy !== null ? { ...copy } : { context: copy };
}
