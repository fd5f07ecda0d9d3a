import { constants } from "node:os";

/** Ends what is running; must end by itself within a deadline. */
export type Drain = (signal: NodeJS.Signals) => Promise<void>;

/** Milliseconds after which a signal that was raised has had no effect. */
const noEffectMs = 500;

/** The signals that ask a process to end. */
const endingSignals = ["SIGTERM", "SIGINT"] as const;

/**
 * One list and one listener per process, shared by all copies of this package: two listeners would each take the other
 * for the application's, and leave the ending to it.
 */
interface SharedDrains {
  readonly drains: Set<Drain>;
  listener: ((signal: NodeJS.Signals) => void) | undefined;
}

const sharedDrainsKey = Symbol.for("waybill.ending-drains.v1");
const globals = globalThis as { [sharedDrainsKey]?: SharedDrains };
/**
 * The listeners of Waybill on each signal while there is a drain: ours, and the one by which `@waybill/writers` flushes
 * what is open. A drain is taken off before its writers are closed, so that one is there.
 */
const ownListeners = 2;

function sharedDrains(): SharedDrains {
  const shared = globals[sharedDrainsKey] ?? { drains: new Set(), listener: undefined };
  globals[sharedDrainsKey] = shared;
  return shared;
}

/**
 * On SIGTERM and SIGINT runs all drains once, then raises the signal again with its default effect, so that whoever
 * started the process sees the signal's own exit status. A second signal while they run ends the process at once.
 *
 * Where the application listens for the signal itself, everything is its decision: nothing is drained behind its back,
 * as it may still want to log. Writers flush in any case.
 *
 * @param drain - belongs to writers of `@waybill/writers` that are open, and is taken off before they are closed.
 * @returns a function that takes the drain off again.
 */
export function drainOnSignals(drain: Drain): () => void {
  const shared = sharedDrains();
  shared.drains.add(drain);
  if (shared.listener === undefined) {
    const listener = createSignalListener(shared);
    shared.listener = listener;
    // First, because a `once` listener of the application is gone as soon as it is called.
    for (const signal of endingSignals) process.prependListener(signal, listener);
  }
  return () => {
    shared.drains.delete(drain);
    if (shared.drains.size === 0) stopListening(shared);
  };
}

function stopListening(shared: SharedDrains): void {
  const { listener } = shared;
  if (listener === undefined) return;
  shared.listener = undefined;
  for (const signal of endingSignals) process.removeListener(signal, listener);
}

function createSignalListener(shared: SharedDrains): (signal: NodeJS.Signals) => void {
  let isDraining = false;

  function end(signal: NodeJS.Signals): void {
    stopListening(shared);
    // The exit listener of the writers, if there are any left, flushes them and raises the signal once more.
    process.kill(process.pid, signal);
    // Signals have no default effect on the first process of a host container.
    setTimeout(() => process.exit(128 + constants.signals[signal]), noEffectMs);
  }

  return (signal) => {
    if (isDraining) {
      end(signal);
      return;
    }
    if (isHeardByApplication(signal)) return;
    isDraining = true;
    // Begun after all listeners have been called: draining takes some of them off.
    const draining = [...shared.drains].map((drain) => Promise.resolve(signal).then(drain));
    // A failed drain must not turn the signal's exit status into that of an unhandled rejection.
    void Promise.allSettled(draining).then(() => end(signal));
  };
}

function isHeardByApplication(signal: NodeJS.Signals): boolean {
  return process.listenerCount(signal) > ownListeners;
}
