/**
 * What carries a correlation over a boundary, and how its fields are spelled there.
 * - `message`: a plain object that is posted or serialised (MessagePort, child-process IPC, a queue, a broker).
 * - `headers`: HTTP headers, as a record (values may be arrays) or an object with `get` and `set` such as `Headers`.
 * - `env`: environment variables of a child process.
 */
export type CarrierKind = "message" | "headers" | "env";

/** The spelling of the fields in one kind of carrier, the one that is written first. */
interface FieldNames {
  readonly correlationId: readonly [string, ...string[]];
  readonly parentEventId: readonly [string, ...string[]];
  readonly traceparent: readonly [string, ...string[]];
}

/** The fields of each kind of carrier. */
export const fieldNames: Readonly<Record<CarrierKind, FieldNames>> = {
  message: {
    correlationId: ["correlation_id", "correlationId"],
    parentEventId: ["parent_event_id", "parentEventId"],
    traceparent: ["traceparent"],
  },
  headers: {
    correlationId: ["x-correlation-id"],
    parentEventId: ["x-parent-event-id"],
    traceparent: ["traceparent"],
  },
  env: {
    correlationId: ["WAYBILL_CORRELATION_ID"],
    parentEventId: ["WAYBILL_PARENT_EVENT_ID"],
    traceparent: ["TRACEPARENT"],
  },
};

/** The fields of one carrier, whatever it is made of. Both functions may throw what the carrier throws. */
export interface CarrierAccess {
  read(names: readonly string[]): unknown;
  write(name: string, value: string): void;
}

function accessWithMethods(carrier: object, get: unknown, set: unknown): CarrierAccess | undefined {
  if (typeof get !== "function" || typeof set !== "function") return undefined;
  return {
    read: ([name]) => Reflect.apply(get, carrier, [name]),
    write: (name, value) => void Reflect.apply(set, carrier, [name, value]),
  };
}

/** Own keys that are this header in whatever case. */
function spellingsOf(carrier: object, name: string): string[] {
  return Object.keys(carrier).filter((key) => key.length === name.length && key.toLowerCase() === name);
}

function accessToHeaders(carrier: object): CarrierAccess {
  return {
    // All spellings together, because two different values are for the reader to refuse.
    read: ([name = ""]) => spellingsOf(carrier, name).flatMap((key) => Reflect.get(carrier, key)),
    write(name, value) {
      for (const key of spellingsOf(carrier, name)) Reflect.deleteProperty(carrier, key);
      Reflect.set(carrier, name, value);
    },
  };
}

function accessToRecord(carrier: object): CarrierAccess {
  return {
    // Own keys only: what sits on a prototype was not sent.
    read(names) {
      const name = names.find((key) => Object.hasOwn(carrier, key));
      return name === undefined ? undefined : Reflect.get(carrier, name);
    },
    write: (name, value) => void Reflect.set(carrier, name, value),
  };
}

/** @returns undefined when the carrier is no object. May throw what the carrier throws. */
export function accessCarrier(carrier: unknown, kind: CarrierKind): CarrierAccess | undefined {
  if (typeof carrier !== "object" || carrier === null) return undefined;
  if (kind !== "headers") return accessToRecord(carrier);
  return (
    accessWithMethods(carrier, Reflect.get(carrier, "get"), Reflect.get(carrier, "set")) ??
    accessToHeaders(carrier)
  );
}

const headerUnsafe = /[^\x21-\x24\x26-\x7e]/gu;

/** Spells an id for a header: everything but visible ASCII, and `%`, is percent-encoded as UTF-8. */
export function encodeHeaderValue(id: string): string {
  return id.replace(headerUnsafe, encodeURIComponent);
}

/** Reads an id from a header; text that was not encoded is taken as it stands. */
export function decodeHeaderValue(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
