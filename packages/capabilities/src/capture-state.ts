import { types } from "node:util";

/** How much {@link captureState} reads. */
export interface CaptureLimits {
  /** Levels below the component, integer ≥ 0. Default 4. Deeper objects become `[Object]`. */
  readonly depthMax?: number;
  /** Properties, elements or map entries per object, integer ≥ 1. Default 100. The rest is counted in `[more]`. */
  readonly propertiesMax?: number;
  /** Characters per text, integer ≥ 1. Default 1000. */
  readonly textCharsMax?: number;
  /** Values in one capture, integer ≥ 1. Default 2000. What comes after becomes `[limit]`. */
  readonly valuesMax?: number;
  /**
   * Whether own accessor properties are read, which runs code of the component. Default false: they become `[getter]`.
   */
  readonly readGetters?: boolean;
}

const defaultLimits: Required<CaptureLimits> = {
  depthMax: 4,
  propertiesMax: 100,
  textCharsMax: 1000,
  valuesMax: 2000,
  readGetters: false,
};

/** Fills in the defaults. @throws {RangeError} for a limit that is no integer in its range. */
export function resolveLimits(limits: CaptureLimits): Required<CaptureLimits> {
  const resolved = { ...defaultLimits };
  for (const name of ["depthMax", "propertiesMax", "textCharsMax", "valuesMax"] as const) {
    const value = limits[name] ?? defaultLimits[name];
    const least = name === "depthMax" ? 0 : 1;
    if (!Number.isSafeInteger(value) || value < least) {
      throw new RangeError(`${name} must be an integer of at least ${least}, not ${String(value)}`);
    }
    resolved[name] = value;
  }
  resolved.readGetters = limits.readGetters ?? false;
  return resolved;
}

interface Capture {
  readonly limits: Required<CaptureLimits>;
  /** Objects between the component and the value at hand: meeting one of them again is a circle. */
  readonly path: Set<object>;
  valuesLeft: number;
}

function captureText(text: string, { limits }: Capture): string {
  const rest = text.length - limits.textCharsMax;
  return rest > 0 ? `${text.slice(0, limits.textCharsMax)}… [${rest} more]` : text;
}

function capturePrimitive(value: unknown, capture: Capture): unknown {
  switch (typeof value) {
    case "string":
      return captureText(value, capture);
    case "number":
      return Number.isFinite(value) ? value : `[${value}]`;
    case "bigint":
      return captureText(`${value}n`, capture);
    case "symbol":
      return captureText(value.toString(), capture);
    case "undefined":
      return "[undefined]";
    default:
      return value;
  }
}

/** What `read` gives, or a note when the component's own code (a getter, a foreign proxy) threw. */
function attempt(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return "[unreadable]";
  }
}

function captureList(values: Iterable<unknown>, size: number, depth: number, capture: Capture): unknown[] {
  const captured: unknown[] = [];
  for (const value of values) {
    if (captured.length >= capture.limits.propertiesMax || capture.valuesLeft <= 0) {
      captured.push(`[${size - captured.length} more]`);
      break;
    }
    captured.push(captureValue(value, depth, capture));
  }
  return captured;
}

function captureProperty(owner: object, key: string, depth: number, capture: Capture): unknown {
  return attempt(() => {
    const descriptor = Reflect.getOwnPropertyDescriptor(owner, key);
    if (descriptor === undefined) return "[unreadable]";
    if ("value" in descriptor) return captureValue(descriptor.value, depth, capture);
    if (descriptor.get === undefined) return "[setter]";
    if (!capture.limits.readGetters) return "[getter]";
    return captureValue(Reflect.get(owner, key), depth, capture);
  });
}

/** The own enumerable properties, of which symbols are left out. Private fields and inherited members are not state. */
function captureProperties(owner: object, depth: number, capture: Capture): Record<string, unknown> {
  const keys = Object.keys(owner);
  const captured: [string, unknown][] = [];
  for (const key of keys) {
    if (captured.length >= capture.limits.propertiesMax || capture.valuesLeft <= 0) {
      captured.push(["[more]", keys.length - captured.length]);
      break;
    }
    captured.push([captureText(key, capture), captureProperty(owner, key, depth, capture)]);
  }
  // fromEntries defines; an assignment to a key called `__proto__` would set the prototype.
  return Object.fromEntries(captured);
}

function describeKind(value: object): string {
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  return types.isProxy(value) ? "[Proxy]" : `[${tag}]`;
}

/** What a built-in holds in its internal slots; undefined for objects that hold nothing but properties. */
function captureContent(value: object, depth: number, capture: Capture): unknown {
  if (Array.isArray(value)) return captureList(value, value.length, depth, capture);
  if (types.isMap(value)) {
    const entries = Map.prototype.entries.call(value);
    return { entries: captureList(entries, value.size, depth, capture) };
  }
  if (types.isSet(value))
    return { values: captureList(Set.prototype.values.call(value), value.size, depth, capture) };
  if (types.isDate(value)) {
    const time = Date.prototype.getTime.call(value);
    return Number.isNaN(time) ? "[invalid date]" : new Date(time).toISOString();
  }
  if (types.isRegExp(value)) return captureText(RegExp.prototype.toString.call(value), capture);
  if (types.isNativeError(value))
    return { name: captureText(value.name, capture), message: captureText(value.message, capture) };
  if (types.isBoxedPrimitive(value)) return capturePrimitive(value.valueOf(), capture);
  if (ArrayBuffer.isView(value)) return `[${value.constructor.name} of ${value.byteLength} bytes]`;
  if (types.isAnyArrayBuffer(value)) return `[ArrayBuffer of ${value.byteLength} bytes]`;
  if (types.isPromise(value) || types.isWeakMap(value) || types.isWeakSet(value)) return describeKind(value);
  return undefined;
}

function captureObject(value: object, depth: number, capture: Capture): unknown {
  if (typeof value === "function")
    return captureText(`[function ${String(value.name) || "anonymous"}]`, capture);
  if (capture.path.has(value)) return "[circular]";
  if (depth > capture.limits.depthMax) return describeKind(value);
  capture.path.add(value);
  try {
    return captureContent(value, depth + 1, capture) ?? captureProperties(value, depth + 1, capture);
  } finally {
    capture.path.delete(value);
  }
}

function captureValue(value: unknown, depth: number, capture: Capture): unknown {
  if (capture.valuesLeft <= 0) return "[limit]";
  capture.valuesLeft -= 1;
  if ((typeof value !== "object" && typeof value !== "function") || value === null) {
    return capturePrimitive(value, capture);
  }
  return attempt(() => captureObject(value, depth, capture));
}

/**
 * A component's own state as plain data that JSON can hold: its enumerable properties, and under `[value]` what a
 * built-in (array, map, set, date, …) holds. Never throws, never longer than the limits allow.
 */
export function captureState(
  component: object,
  limits: Required<CaptureLimits>,
): Readonly<Record<string, unknown>> {
  const capture: Capture = { limits, path: new Set([component]), valuesLeft: limits.valuesMax };
  const content = attempt(() => captureContent(component, 1, capture));
  if (content !== undefined) return { "[value]": content };
  try {
    return captureProperties(component, 1, capture);
  } catch {
    return { "[value]": "[unreadable]" };
  }
}
