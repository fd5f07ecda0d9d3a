/** The wish to end, from outside. */
export interface EndSignals {
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Stops listening; when a signal came, ends the process by it, so that its exit status is the signal's own. */
  raise(): void;
}

const endingSignals = ["SIGINT", "SIGTERM"] as const;

/** Listens for SIGINT and SIGTERM: the first one asks for an orderly end, a second one ends at once. */
export function listenForEnd(): EndSignals {
  const controller = new AbortController();
  let received: NodeJS.Signals | undefined;

  function stop(): void {
    for (const name of endingSignals) process.removeListener(name, onSignal);
  }

  function onSignal(name: NodeJS.Signals): void {
    if (received !== undefined) {
      stop();
      process.kill(process.pid, name);
    }
    received = name;
    controller.abort();
  }

  for (const name of endingSignals) process.on(name, onSignal);
  return {
    signal: controller.signal,
    raise() {
      stop();
      if (received !== undefined) process.kill(process.pid, received);
    },
  };
}
