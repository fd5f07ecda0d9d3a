import {
  type Attachment,
  attachmentKey,
  type Capability,
  contributionOf,
  isAssigned,
  rememberView,
} from "./attachment.ts";
import type { CapabilityKey } from "./keys.ts";
import { createLockedShadow, hasLockedMethods } from "./locked-shadow.ts";
import { createMethodViews, isFunction, isMethod, type MethodViews, withoutView } from "./method-views.ts";
import { type CallObserver, observeCall } from "./observe-call.ts";

/** Whether a property can never change again, in which case a proxy of its owner must hand out exactly its value. */
function isLocked(owner: object, key: PropertyKey): boolean {
  const descriptor = Reflect.getOwnPropertyDescriptor(owner, key);
  return descriptor?.configurable === false && descriptor.writable === false;
}

function nameOf(target: object): string {
  // Not read through `target.name`: a static getter is the component's code.
  const name: unknown = Reflect.getOwnPropertyDescriptor(target, "name")?.value;
  return typeof name === "string" && name !== "" ? name : "anonymous";
}

function callTraps(
  target: object,
  observers: readonly CallObserver[],
  proxy: () => object,
): ProxyHandler<object> {
  if (!isFunction(target)) return {};
  const name = nameOf(target);
  return {
    apply: (_, self: unknown, args: unknown[]) =>
      observeCall(observers, name, args, () => Reflect.apply(target, self, args)),
    construct(_, args: unknown[], newTarget) {
      const madeAs = newTarget === proxy() ? target : newTarget;
      const made = observeCall(observers, `new ${name}`, args, () => Reflect.construct(target, args, madeAs));
      // A class may return a promise, which observers follow; the engine has checked that it is an object.
      return made as object;
    },
  };
}

function memberTraps(attachment: () => Attachment, target: object, views: MethodViews, shadowed: boolean) {
  /** Ours where the component has nothing of that name, or only what mode `assign` put there. */
  function contribution(key: PropertyKey): object | undefined {
    const found = contributionOf(attachment(), key);
    if (found === undefined || !Reflect.has(target, key)) return found;
    return isAssigned(target, key) ? found : undefined;
  }

  return {
    get(_: object, key: PropertyKey, receiver: unknown): unknown {
      const isDirect = receiver === attachment().result;
      if (key === attachmentKey) return isDirect ? attachment() : undefined;
      const ours = contribution(key);
      if (ours !== undefined) return ours;
      // An object that inherits from the proxy is its own `this`, as if it inherited from the target.
      if (!isDirect) return Reflect.get(target, key, receiver);
      const value: unknown = Reflect.get(target, key, target);
      if (!isFunction(value) || !isMethod(target, key, value) || isAssigned(target, key)) return value;
      if (!shadowed && isLocked(target, key)) return value;
      return views.viewOf(key, value);
    },
    has: (_: object, key: PropertyKey) =>
      Reflect.has(target, key) || contributionOf(attachment(), key) !== undefined,
    set(_: object, key: PropertyKey, value: unknown, receiver: unknown) {
      if (receiver !== attachment().result) return Reflect.set(target, key, value, receiver);
      return Reflect.set(target, key, withoutView(value), target);
    },
  };
}

/**
 * A proxy that is the component in every respect that the language allows, plus the members of its capabilities. The
 * component is not touched. All capabilities share one proxy, so depth and cost do not grow with their number.
 */
export function enhance(target: object, capabilities: Map<CapabilityKey, Capability>): object {
  const observers = [...capabilities.values()].flatMap(({ observer }) => observer ?? []);
  const views = createMethodViews(target, observers);
  const shadow = hasLockedMethods(target) ? createLockedShadow(target, views) : undefined;
  const handler: ProxyHandler<object> = {
    ...memberTraps(() => attachment, target, views, shadow !== undefined),
    ...callTraps(target, observers, () => proxy),
    ...shadow?.traps,
  };
  if (shadow !== undefined) {
    const { has } = handler;
    handler.has = (object, key) => {
      shadow.mirror(key);
      return has?.(object, key) ?? Reflect.has(target, key);
    };
  }
  const proxy: object = new Proxy(shadow?.object ?? target, handler);
  const attachment: Attachment = { target, result: proxy, capabilities };
  rememberView(proxy, target);
  return proxy;
}
