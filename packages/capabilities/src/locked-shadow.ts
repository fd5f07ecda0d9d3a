import { isFunction, isMethod, type MethodViews, withoutView } from "./method-views.ts";

/**
 * Whether a component has own methods that can never change (it is frozen, as a rule). The engine insists that a proxy
 * hands such a method out as it is, so it could be neither observed nor run with the component as `this`.
 */
export function hasLockedMethods(target: object): boolean {
  return Reflect.ownKeys(target).some((key) => {
    const descriptor = Reflect.getOwnPropertyDescriptor(target, key);
    if (descriptor === undefined || descriptor.configurable || descriptor.writable !== false) return false;
    return isFunction(descriptor.value) && isMethod(target, key, descriptor.value);
  });
}

/** What {@link createLockedShadow} returns. */
export interface LockedShadow {
  /** The object to make the proxy of. */
  readonly object: object;
  /** Traps that ask the target, and bring the shadow up to date first. */
  readonly traps: ProxyHandler<object>;
  /** Brings one property of the shadow up to date. */
  mirror(key: PropertyKey): void;
}

/** Whether `new` works. The trap answers in the function's place, so none of its code runs. */
function isConstructor(target: object): boolean {
  if (!isFunction(target)) return false;
  try {
    const probe: unknown = new Proxy(target, { construct: () => ({}) });
    Reflect.construct(Object, [], probe as NewableFunction);
    return true;
  } catch {
    return false;
  }
}

/** An empty object that can be called and constructed exactly when the target can. */
function createEmptyLike(target: object): object {
  if (!isFunction(target)) return {};
  // A bound function is the one kind that can be constructed and has no `prototype` of its own.
  const empty: object = isConstructor(target)
    ? Function.prototype.bind.call(class {}, undefined)
    : () => undefined;
  for (const key of Reflect.ownKeys(empty)) Reflect.deleteProperty(empty, key);
  return empty;
}

/**
 * A stand-in for the target of a proxy. The engine checks what a proxy says against its target; a shadow has the same
 * properties, extensibility and prototype as the component, but views in place of locked methods.
 *
 * @see ECMAScript, "Invariants of the Essential Internal Methods"; "Trustworthy Proxies" (Van Cutsem, Miller 2013),
 * where such a shadow is called a virtual target
 */
export function createLockedShadow(target: object, views: MethodViews): LockedShadow {
  const shadow = createEmptyLike(target);

  function mirror(key: PropertyKey): void {
    const descriptor = Reflect.getOwnPropertyDescriptor(target, key);
    if (descriptor === undefined) {
      Reflect.deleteProperty(shadow, key);
      return;
    }
    const { configurable, writable, value } = descriptor;
    if (!configurable && writable === false && isFunction(value) && isMethod(target, key, value)) {
      descriptor.value = views.viewOf(key, value);
    }
    Reflect.defineProperty(shadow, key, descriptor);
  }

  function mirrorAll(): void {
    for (const key of Reflect.ownKeys(shadow)) mirror(key);
    for (const key of Reflect.ownKeys(target)) mirror(key);
    Reflect.setPrototypeOf(shadow, Reflect.getPrototypeOf(target));
    if (!Reflect.isExtensible(target)) Reflect.preventExtensions(shadow);
  }

  mirrorAll();
  return {
    object: shadow,
    mirror,
    traps: {
      getOwnPropertyDescriptor(_, key) {
        mirror(key);
        return Reflect.getOwnPropertyDescriptor(shadow, key);
      },
      defineProperty(_, key, descriptor) {
        const own =
          "value" in descriptor ? { ...descriptor, value: withoutView(descriptor.value) } : descriptor;
        const isDefined = Reflect.defineProperty(target, key, own);
        mirror(key);
        return isDefined;
      },
      deleteProperty(_, key) {
        const isDeleted = Reflect.deleteProperty(target, key);
        mirror(key);
        return isDeleted;
      },
      ownKeys() {
        mirrorAll();
        return Reflect.ownKeys(target);
      },
      getPrototypeOf: () => Reflect.getPrototypeOf(target),
      setPrototypeOf(_, prototype) {
        const isSet = Reflect.setPrototypeOf(target, prototype);
        mirrorAll();
        return isSet;
      },
      isExtensible() {
        mirrorAll();
        return Reflect.isExtensible(target);
      },
      preventExtensions() {
        const isPrevented = Reflect.preventExtensions(target);
        mirrorAll();
        return isPrevented;
      },
    },
  };
}
