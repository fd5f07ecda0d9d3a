import type { CorrelationContext } from "./context.ts";
import { currentCorrelation, runInContext } from "./run.ts";

/** What {@link wrapEmitter} can be told. */
export interface WrapEmitterOptions {
  /**
   * The correlation in which a listener runs: that of the code that emits (`emit`, as users of an event bus expect),
   * or that of the code that added the listener (`add`, for the events of one request or one connection). Default
   * `emit`.
   */
  readonly context?: "emit" | "add";
}

/** The methods of an emitter that are replaced. */
interface EmitterMethods {
  on: unknown;
  emit: unknown;
  removeListener: unknown;
}

type Callable = (...args: unknown[]) => unknown;

const wrappedEmitters = new WeakSet<object>();
const tiedListeners = new WeakSet<object>();

function isCallable(value: unknown): value is Callable {
  return typeof value === "function";
}

function callMethod(target: object, name: string, args: readonly unknown[]): unknown {
  const method: unknown = Reflect.get(target, name);
  return isCallable(method) ? Reflect.apply(method, target, args) : undefined;
}

function replaceMethod(emitter: object, name: string, make: (original: Callable) => Callable): void {
  const original: unknown = Reflect.get(emitter, name);
  if (!isCallable(original)) return;
  Object.defineProperty(emitter, name, {
    value: make(original),
    writable: true,
    configurable: true,
    enumerable: false,
  });
}

/** How the listeners of one emitter get their correlation. */
interface ListenerTies {
  /** @param beforeRun - called with the tied listener each time before it runs. */
  tie(listener: Callable, beforeRun?: (tied: Callable) => void): Callable;
  /** Runs an `emit`, so that the listeners that it calls know from where. */
  emitting(emit: () => unknown): unknown;
}

function createListenerTies(contextOfListener: "emit" | "add"): ListenerTies {
  /** The `emit` under way, the innermost one; an object, because its context may be undefined. */
  let emission: { readonly context: CorrelationContext | undefined } | undefined;

  function contextAtEmit(): CorrelationContext | undefined {
    return emission === undefined ? currentCorrelation() : emission.context;
  }

  return {
    tie(listener, beforeRun) {
      const added = currentCorrelation();
      function tied(this: unknown, ...args: unknown[]): unknown {
        beforeRun?.(tied);
        const context = contextOfListener === "add" ? added : contextAtEmit();
        return runInContext(context, () => Reflect.apply(listener, this, args));
      }
      // Emitters compare this property too, so removing the original listener works.
      tied.listener = listener;
      tiedListeners.add(tied);
      return tied;
    },
    emitting(emit) {
      const outer = emission;
      emission = { context: currentCorrelation() };
      try {
        return emit();
      } finally {
        emission = outer;
      }
    },
  };
}

function replaceAdder(emitter: object, name: string, ties: ListenerTies): void {
  replaceMethod(emitter, name, (original) => {
    return function add(this: unknown, event: unknown, listener: unknown): unknown {
      // `addListener` of some emitters calls `on`: a listener is tied once.
      const plain = !isCallable(listener) || tiedListeners.has(listener);
      return Reflect.apply(original, this, [event, plain ? listener : ties.tie(listener)]);
    };
  });
}

function replaceOnceAdder(emitter: object, name: string, adder: string, ties: ListenerTies): void {
  replaceMethod(emitter, name, (original) => {
    return function addOnce(this: unknown, event: unknown, listener: unknown): unknown {
      if (!isCallable(listener)) return Reflect.apply(original, this, [event, listener]);
      // Not through the original: its own wrapper would hide the listener from `removeListener`.
      const removeAndRun = ties.tie(listener, (tied) => callMethod(emitter, "removeListener", [event, tied]));
      return callMethod(emitter, adder, [event, removeAndRun]);
    };
  });
}

/**
 * Makes the listeners of an event emitter run in a defined correlation, also when the emitter has its own idea of the
 * context (`EventEmitterAsyncResource`), or emits from a socket or a timer that knows none.
 *
 * Listeners added from now on are affected; `once`, `removeListener(original)`, `listeners()` and the order stay as
 * they are. An emitter that keeps events and delivers them later is a queue: put `bindCorrelation` around what it
 * keeps. Wrapping twice changes nothing more.
 *
 * @returns the emitter itself.
 * @throws {TypeError} when the emitter is frozen.
 */
export function wrapEmitter<Emitter extends EmitterMethods>(
  emitter: Emitter,
  options: WrapEmitterOptions = {},
): Emitter {
  if (wrappedEmitters.has(emitter)) return emitter;
  const ties = createListenerTies(options.context ?? "emit");
  for (const name of ["on", "addListener", "prependListener"]) replaceAdder(emitter, name, ties);
  replaceOnceAdder(emitter, "once", "on", ties);
  replaceOnceAdder(emitter, "prependOnceListener", "prependListener", ties);
  replaceMethod(emitter, "emit", (original) => {
    return function emit(this: unknown, ...args: unknown[]): unknown {
      return ties.emitting(() => Reflect.apply(original, this, args));
    };
  });
  wrappedEmitters.add(emitter);
  return emitter;
}
