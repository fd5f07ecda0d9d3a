import { types } from "node:util";
import { memberOf } from "./guarded-read.ts";

/**
 * How an object that is neither an array nor a plain object is shown:
 * - `members`: like an object with these members, of which `omitted` more were not even collected;
 * - `elements`: like an array, of which `omitted` more were not even collected;
 * - `value`: by this value instead of it.
 */
export type ExoticView =
  | { readonly kind: "members"; readonly members: object; readonly omitted: number }
  | { readonly kind: "elements"; readonly elements: readonly unknown[]; readonly omitted: number }
  | { readonly kind: "value"; readonly value: unknown };

/** Bytes of binary data that are shown. */
const binaryPreviewBytes = 32;

/**
 * The view of an error, a date, a collection, binary data or anything with `toJSON`; undefined for an instance of an
 * ordinary class, whose own members are shown. May throw what the object throws.
 *
 * Internal slots decide (`node:util` types), not `instanceof`: values of other realms are recognised, and an object
 * cannot pretend.
 */
export function exoticView(value: object, membersMax: number): ExoticView | undefined {
  if (types.isNativeError(value) || value instanceof Error) return errorView(value, membersMax);
  if (types.isDate(value)) return { kind: "value", value: dateText(value) };
  const toJson: unknown = Reflect.get(value, "toJSON");
  if (typeof toJson === "function" && !ArrayBuffer.isView(value)) {
    return { kind: "value", value: toJson.call(value) };
  }
  if (types.isMap(value)) return mapView(value, membersMax);
  if (types.isSet(value)) {
    return {
      kind: "elements",
      elements: firstOf(value, membersMax),
      omitted: Math.max(0, value.size - membersMax),
    };
  }
  if (ArrayBuffer.isView(value)) return { kind: "value", value: binaryText(value) };
  if (types.isAnyArrayBuffer(value))
    return { kind: "value", value: `[ArrayBuffer ${value.byteLength} bytes]` };
  if (types.isRegExp(value)) return { kind: "value", value: String(value) };
  if (types.isBoxedPrimitive(value)) return { kind: "value", value: value.valueOf() };
  if (types.isPromise(value)) return { kind: "value", value: "[Promise]" };
  if (types.isWeakMap(value) || types.isWeakSet(value)) return { kind: "value", value: "[Weak collection]" };
  if (types.isGeneratorObject(value)) return { kind: "value", value: "[Generator]" };
  return undefined;
}

/** An error's telling members first, whether own or inherited, then whatever else it carries. */
function errorView(error: Error, membersMax: number): ExoticView {
  const members: Record<string, unknown> = Object.create(null);
  for (const key of ["name", "message", "code", "stack", "cause", "errors"]) {
    const member = memberOf(error, key);
    if (member !== undefined) members[key] = member;
  }
  const others = Object.keys(error).filter((key) => !(key in members));
  for (const key of others.slice(0, membersMax)) members[key] = memberOf(error, key);
  return { kind: "members", members, omitted: Math.max(0, others.length - membersMax) };
}

function dateText(date: Date): string {
  const milliseconds = Date.prototype.getTime.call(date);
  return Number.isNaN(milliseconds) ? "Invalid Date" : Date.prototype.toISOString.call(date);
}

function mapView(map: ReadonlyMap<unknown, unknown>, membersMax: number): ExoticView {
  const pairs = firstOf(map, membersMax);
  const omitted = Math.max(0, map.size - membersMax);
  if (omitted > 0 || !pairs.every(([key]) => typeof key === "string")) {
    return { kind: "elements", elements: pairs, omitted };
  }
  const members: Record<string, unknown> = Object.create(null);
  for (const [key, member] of pairs) members[String(key)] = member;
  return { kind: "members", members, omitted: 0 };
}

function firstOf<T>(values: Iterable<T>, countMax: number): T[] {
  const first: T[] = [];
  for (const value of values) {
    if (first.length >= countMax) break;
    first.push(value);
  }
  return first;
}

function binaryText(view: ArrayBufferView): string {
  const shown = Buffer.from(view.buffer, view.byteOffset, Math.min(view.byteLength, binaryPreviewBytes));
  const more = view.byteLength > binaryPreviewBytes ? "…" : "";
  return `[${view.constructor.name} ${view.byteLength} bytes: ${shown.toString("hex")}${more}]`;
}
