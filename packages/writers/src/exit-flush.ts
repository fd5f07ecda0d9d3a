import { constants } from "node:os";

/** Something that can still be saved while the process ends. */
export interface ExitFlushable {
  /**
   * Hands to writers what is kept back in front of them; called of all before any writer is flushed or drained. Must not
   * throw. Default: nothing is kept back.
   */
  handOver?(): void;
  /** Writes what waits before it returns. Must not throw. */
  flushSync(): boolean;
  /** Has what waits written soon, without waiting for it: the application may go on. Must not throw. */
  drain(): void;
  /**
   * The process is in its `exit` listeners. Those of the application may still run and log; after them nothing is
   * written any more, so each entry must be written before it returns from now on. Must not throw.
   */
  noteExit(): void;
}

/** Milliseconds after which a signal that was raised has had no effect. */
const noEffectMs = 500;

/** The signals that end a process by default and leave it time to act. */
const endingSignals = ["SIGTERM", "SIGINT"] as const;

interface ExitList {
  readonly flushables: Set<ExitFlushable>;
  /** Takes the listeners off, whichever copy put them on; undefined while nobody listens. */
  stop: (() => void) | undefined;
}

/**
 * One list per process, shared by all copies of this package: two copies that each listened for a signal would each
 * see a listener besides their own and leave the ending to it.
 */
const sharedListKey = Symbol.for("waybill.exit-flush.v1");
const globals = globalThis as { [sharedListKey]?: ExitList };

function sharedList(): ExitList {
  const list = globals[sharedListKey] ?? { flushables: new Set(), stop: undefined };
  globals[sharedListKey] = list;
  return list;
}

function each(act: (flushable: ExitFlushable) => void): void {
  for (const flushable of sharedList().flushables) {
    try {
      act(flushable);
    } catch {
      // Of another copy of this package: it must not keep the others from being saved.
    }
  }
}

function onExit(): void {
  each((flushable) => flushable.handOver?.());
  each((flushable) => flushable.flushSync());
  each((flushable) => flushable.noteExit());
}

/**
 * Node runs no exit handler when a signal ends the process, so the signal is taken, the writers are flushed, and the
 * signal is raised again with its default effect. Where the application listens itself, ending is its decision, and what
 * waits is only handed over: it may go on.
 */
function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) {
    each((flushable) => flushable.handOver?.());
    each((flushable) => flushable.drain());
    return;
  }
  onExit();
  process.removeListener(signal, onSignal);
  process.kill(process.pid, signal);
  // Signals have no default effect on the first process of a host container.
  setTimeout(() => process.exit(128 + constants.signals[signal]), noEffectMs);
}

/** Before all other listeners: one that throws or calls `process.exit` keeps the rest from being called. */
function listen(): () => void {
  process.prependListener("exit", onExit);
  // Also, those that are to be called once have left when their turn is over, and would not be counted.
  for (const signal of endingSignals) process.prependListener(signal, onSignal);
  return () => {
    process.removeListener("exit", onExit);
    for (const signal of endingSignals) process.removeListener(signal, onSignal);
  };
}

/** Whether the `exit` listeners are being called: one that is added now is not. Node has no other word for it. */
function isExiting(): boolean {
  return "_exiting" in process && process._exiting === true;
}

/**
 * Has something flushed at every end of the process that Node tells about: natural end, `process.exit`, uncaught
 * exception, unhandled rejection, SIGTERM and SIGINT. Not at SIGKILL, which nobody is told about.
 *
 * @returns a function that takes it off again.
 */
export function flushAtExit(flushable: ExitFlushable): () => void {
  const list = sharedList();
  list.flushables.add(flushable);
  list.stop ??= listen();
  if (isExiting()) flushable.noteExit();
  return () => {
    list.flushables.delete(flushable);
    if (list.flushables.size > 0) return;
    list.stop?.();
    list.stop = undefined;
  };
}
