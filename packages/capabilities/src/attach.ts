import {
  type Attachment,
  attachmentOf,
  type Capability,
  isAssigned,
  isObject,
  rememberAssigned,
} from "./attachment.ts";
import { enhance } from "./enhance.ts";

/**
 * How members reach a component.
 * - `proxy`: the component is not touched; the result is a proxy of it.
 * - `assign`: the members are added to the component as non-enumerable properties, and the result is the component.
 *   Needed where the component calls them on its own `this`.
 */
export type AttachMode = "proxy" | "assign";

/** Refuses what cannot carry members. */
export function requireComponent(component: unknown, caller: string): void {
  if (isObject(component)) return;
  const kind = component === null ? "null" : typeof component;
  throw new TypeError(`${caller}: the component must be an object or a function, not ${kind}`);
}

function defineHidden(owner: object, key: PropertyKey, value: unknown): void {
  Object.defineProperty(owner, key, { value, writable: true, configurable: true, enumerable: false });
}

/** Removes what an earlier call of the same kind assigned, and nothing that the component has put in its place. */
function unassign(component: object, earlier: Capability | undefined): void {
  for (const name of earlier?.memberNames ?? []) {
    if (isAssigned(component, name)) Reflect.deleteProperty(component, name);
  }
}

function assign(component: object, capability: Capability): void {
  const known = attachmentOf(component);
  if (known !== undefined && known.target !== component) {
    // A proxy of ours keeps its identity by taking the capability into its own table.
    known.capabilities.set(capability.key, capability);
    return;
  }
  if (!Object.isExtensible(component)) {
    throw new TypeError(
      'mode "assign" cannot add members: the component is not extensible (frozen, sealed or locked); use mode "proxy"',
    );
  }
  const attachment: Attachment = known ?? { target: component, result: component, capabilities: new Map() };
  unassign(component, attachment.capabilities.get(capability.key));
  attachment.capabilities.set(capability.key, capability);
  rememberAssigned(attachment);
  defineHidden(component, capability.key, capability.handle);
  for (const name of capability.memberNames) {
    if (!(name in component)) defineHidden(component, name, Reflect.get(capability.handle, name));
  }
}

/**
 * Gives a component one capability more. The result of an earlier attach keeps its other capabilities; a capability
 * that it already has is replaced, so nothing is logged or measured twice.
 */
export function attach(component: object, capability: Capability, mode: AttachMode): object {
  if (mode === "assign") {
    assign(component, capability);
    return component;
  }
  const known = attachmentOf(component);
  const capabilities = new Map(known?.capabilities);
  // Deleted first, so that the table stays in the order of attaching.
  capabilities.delete(capability.key);
  return enhance(known?.target ?? component, capabilities.set(capability.key, capability));
}

/** Refuses a mode that does not exist. */
export function parseMode(mode: AttachMode | undefined, caller: string): AttachMode {
  if (mode === undefined || mode === "proxy" || mode === "assign") return mode ?? "proxy";
  throw new TypeError(`${caller}: mode must be "proxy" or "assign", not ${JSON.stringify(mode)}`);
}
