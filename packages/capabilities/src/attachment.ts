import type { CapabilityKey } from "./keys.ts";
import type { CallObserver } from "./observe-call.ts";

/** One capability of one component. */
export interface Capability {
  readonly key: CapabilityKey;
  /** Found under `key`: the members, and the counters of the capability. */
  readonly handle: object;
  /** The names of `handle` that the component shows as its own, where it has none of that name. */
  readonly memberNames: readonly string[];
  /** Told of every call of the component's methods; undefined for capabilities that only add members. */
  readonly observer: CallObserver | undefined;
}

/** What is known about the result of an attach. */
export interface Attachment {
  /** The component itself. */
  readonly target: object;
  /** What the caller got: a proxy of the target, or in mode `assign` the target. */
  readonly result: object;
  /** At most one capability per key, in the order of attaching. Grows only in mode `assign`. */
  readonly capabilities: Map<CapabilityKey, Capability>;
}

/** Where the attachment of a proxy is found. Never listed by `in` or `Reflect.ownKeys`. */
export const attachmentKey: unique symbol = Symbol.for("@waybill/capabilities/1/attachment");

/**
 * The attachments made in mode `assign`. Not a property: should the component be frozen later, a proxy of it could no
 * longer answer with an attachment of its own.
 */
const assigned = new WeakMap<object, Attachment>();

/** Remembers what mode `assign` has done. */
export function rememberAssigned(attachment: Attachment): void {
  assigned.set(attachment.target, attachment);
}

/** The component behind each method view and proxy made by this copy of the package. */
const originals = new WeakMap<object, object>();

/** Remembers that `view` stands for `original`. */
export function rememberView(view: object, original: object): void {
  originals.set(view, original);
}

/** What a view made by this copy stands for; undefined for everything else. */
export function originalOf(view: unknown): object | undefined {
  return isObject(view) ? originals.get(view) : undefined;
}

/** Whether a value can carry members: an object or a function. */
export function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

function isAttachment(value: unknown): value is Attachment {
  return (
    typeof value === "object" &&
    value !== null &&
    "capabilities" in value &&
    value.capabilities instanceof Map
  );
}

/**
 * The attachment of exactly this value. An object that merely inherits from a result, or a foreign proxy around one,
 * has none.
 */
export function attachmentOf(value: unknown): Attachment | undefined {
  if (!isObject(value)) return undefined;
  const own = assigned.get(value);
  if (own !== undefined) return own;
  try {
    const found: unknown = Reflect.get(value, attachmentKey);
    return isAttachment(found) && found.result === value ? found : undefined;
  } catch {
    // A foreign proxy may refuse names that it does not know.
    return undefined;
  }
}

/** The handle of one capability; undefined when the value has not got it. */
export function handleOf(value: unknown, key: CapabilityKey): object | undefined {
  return attachmentOf(value)?.capabilities.get(key)?.handle;
}

/** A member or handle that the capabilities contribute under a name; undefined when they have none. */
export function contributionOf(attachment: Attachment, name: PropertyKey): object | undefined {
  for (const capability of attachment.capabilities.values()) {
    if (capability.key === name) return capability.handle;
    if (typeof name === "string" && capability.memberNames.includes(name)) {
      const member: unknown = Reflect.get(capability.handle, name);
      if (isObject(member)) return member;
    }
  }
  return undefined;
}

/**
 * Whether mode `assign` put what stands under a name of the target, so that it is ours and not the component's. Once
 * locked it counts as the component's: a proxy has to hand it out.
 */
export function isAssigned(target: object, name: PropertyKey): boolean {
  const attachment = assigned.get(target);
  if (attachment === undefined) return false;
  const descriptor = Reflect.getOwnPropertyDescriptor(target, name);
  if (descriptor?.value === undefined || !descriptor.writable) return false;
  return contributionOf(attachment, name) === descriptor.value;
}

/**
 * The component behind the result of any attach, or behind one of its methods; every other value is returned as it is.
 *
 * Use it where the engine wants the real thing: `structuredClone`, `util.types`, typed arrays handed to `fs`.
 *
 * @example targetOf(attachLogging(strategy, logger)) === strategy
 */
export function targetOf<T>(value: T): T {
  const target = attachmentOf(value)?.target ?? originalOf(value);
  return target === undefined ? value : (target as T);
}
