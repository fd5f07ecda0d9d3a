import { attachmentOf, originalOf, rememberView } from "./attachment.ts";
import { type CallObserver, observeCall } from "./observe-call.ts";

/** Any function. */
export type AnyFunction = (...callArguments: never[]) => unknown;

/** Whether a value can be called. */
export function isFunction(value: unknown): value is AnyFunction {
  return typeof value === "function";
}

/** Classes, and constructors of the language: called with `new`, so there is no `this` to give them. */
function isClass(value: AnyFunction): boolean {
  // A frozen function has a locked prototype as well, hence the look at the source.
  if (Object.getOwnPropertyDescriptor(value, "prototype")?.writable !== false) return false;
  const source = Function.prototype.toString.call(value);
  return /^class(?!\s*\()[\s{/]/.test(source) || source.endsWith("{ [native code] }");
}

/** These must be given the proxy: with the target as `this` they would bypass observers of calls. */
const callers: ReadonlySet<unknown> = new Set([
  Function.prototype.call,
  Function.prototype.apply,
  Function.prototype.bind,
]);

/**
 * Whether a function found on a component is a method, to be run with the component as `this`. Classes, `constructor`
 * what an array holds, and functions that are the result of an attach themselves are values.
 */
export function isMethod(target: object, key: PropertyKey, value: AnyFunction): boolean {
  if (key === "constructor" || callers.has(value) || originalOf(value) !== undefined) return false;
  if (Array.isArray(target) && Object.hasOwn(target, key)) return false;
  return !isClass(value);
}

/** Method views of one proxy. */
export interface MethodViews {
  /** The view of a method: always the same for one method under one name. */
  viewOf(key: PropertyKey, method: AnyFunction): AnyFunction;
}

/** How a method is called in logs and timings. */
function methodName(key: PropertyKey): string {
  return typeof key === "symbol" ? key.toString() : String(key);
}

/**
 * A view is the method itself behind a proxy, so name, length, statics and `instanceof` are the method's own. It runs
 * with the real target as `this` (private fields and internal slots are out of reach of a proxy), and a method that
 * returns its `this` returns what it was called on, so that chains keep their capabilities.
 */
export function createMethodViews(target: object, observers: readonly CallObserver[]): MethodViews {
  // Weak by method: views of members that come and go must not pile up.
  const views = new WeakMap<AnyFunction, Map<PropertyKey, AnyFunction>>();

  function createView(key: PropertyKey, method: AnyFunction): AnyFunction {
    const name = methodName(key);
    return new Proxy(method, {
      apply(_method, thisValue: unknown, callArguments: unknown[]) {
        const isOurs = originalOf(thisValue) === target;
        const self = isOurs ? target : thisValue;
        const result =
          observers.length === 0
            ? Reflect.apply(method, self, callArguments)
            : observeCall(observers, name, callArguments, () => Reflect.apply(method, self, callArguments));
        return isOurs && result === target ? thisValue : result;
      },
    });
  }

  return {
    viewOf(key, method) {
      let byKey = views.get(method);
      if (byKey === undefined) {
        byKey = new Map();
        views.set(method, byKey);
      }
      let view = byKey.get(key);
      if (view === undefined) {
        view = createView(key, method);
        byKey.set(key, view);
        rememberView(view, method);
      }
      return view;
    },
  };
}

/** The method itself for a view of it, so that no view is ever stored in a component; other values as they are. */
export function withoutView(value: unknown): unknown {
  return attachmentOf(value) === undefined ? (originalOf(value) ?? value) : value;
}
