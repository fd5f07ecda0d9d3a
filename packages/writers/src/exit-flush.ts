/** Something that can still be saved while the process ends. */
export interface ExitFlushable {
  /** Writes what waits before it returns. Must not throw. */
  flushSync(): boolean;
  /**
   * The process is in its `exit` listeners. Those of the application may still run and log; after them nothing is
   * written any more, so each entry must be written before it returns from now on. Must not throw.
   */
  noteExit(): void;
}

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

function flushAll(): void {
  for (const flushable of sharedList().flushables) {
    try {
      flushable.flushSync();
    } catch {
      // Of another copy of this package: it must not keep the others from being saved.
    }
  }
}

function onExit(): void {
  flushAll();
  for (const flushable of sharedList().flushables) flushable.noteExit();
}

/**
 * Node runs no exit handler when a signal ends the process, so the signal is taken, the writers are flushed, and the
 * signal is raised again with its default effect. Where the application listens itself, ending is its decision.
 */
function onSignal(signal: NodeJS.Signals): void {
  flushAll();
  if (process.listenerCount(signal) > 1) return;
  process.removeListener(signal, onSignal);
  process.kill(process.pid, signal);
}

function listen(): () => void {
  process.on("exit", onExit);
  for (const signal of endingSignals) process.on(signal, onSignal);
  return () => {
    process.removeListener("exit", onExit);
    for (const signal of endingSignals) process.removeListener(signal, onSignal);
  };
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
  return () => {
    list.flushables.delete(flushable);
    if (list.flushables.size > 0) return;
    list.stop?.();
    list.stop = undefined;
  };
}
