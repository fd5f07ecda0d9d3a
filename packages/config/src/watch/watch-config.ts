import { type Clock, systemClock } from "@waybill/protocols";
import { type LoadConfigOptions, loadConfig } from "../load-config.ts";
import type { ConfigResult } from "../waybill-config.ts";
import { identifyFile } from "./file-identity.ts";
import { openFileWatch } from "./file-watch.ts";
import { type ConfigWatchStats, createReloader } from "./reloader.ts";

/** Options of {@link watchConfig}. */
export interface WatchConfigOptions extends LoadConfigOptions {
  /**
   * Called with each valid configuration that differs from the one in force; never twice at once. What it throws, or
   * its promise rejects with, refuses the change: the old stays in force, and `onRefused` gets the error.
   */
  readonly onChange: (next: ConfigResult, previous: ConfigResult) => void | Promise<void>;
  /**
   * Called when the file is wrong, empty, unreadable or gone, with the error that `loadConfig` throws for it at start.
   * Once for the same fault; the old configuration stays in force.
   */
  readonly onRefused: (error: unknown) => void;
  /** Milliseconds without further changes before the file is read, 0 to 60000. Default 100. */
  readonly settleMs?: number | undefined;
  /** Milliseconds between two looks at the file where no event tells of it, 10 to 3600000. Default 2000. */
  readonly checkIntervalMs?: number | undefined;
  /** Default: the clock of the process. */
  readonly clock?: Clock | undefined;
}

/** A watched configuration. Does not keep the process alive. */
export interface ConfigWatch {
  /** The configuration in force. */
  readonly current: ConfigResult;
  /** Why the file as it is now is not in force; undefined when it is. */
  readonly refused: unknown;
  readonly stats: ConfigWatchStats;
  /** Reads the file as soon as it has settled, as after an event: for SIGHUP. */
  reload(): void;
  /** Ends it: nothing is called any more once it has resolved. Idempotent. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A file that is written all the time is read this often; each reading takes the time of a start. */
const settleMaxMs = 1000;

function checkRange(name: string, value: number, min: number, max: number): void {
  if (!(value >= min && value <= max)) {
    throw new RangeError(`${name} must be a number from ${min} to ${max}, is ${String(value)}`);
  }
}

/**
 * Loads a configuration file and watches it: written, emptied, replaced by rename, removed, made again.
 *
 * A valid change is handed to `onChange`; an invalid one to `onRefused`, and the old stays. A change of comments alone
 * is none. A file should be replaced by rename: of one that is written slowly in place, a valid first half may be taken.
 * Reading blocks the event loop as `loadConfig` does: some tens of milliseconds for a file of 50 containers at most,
 * about two seconds for the largest that is allowed.
 *
 * @param path - relative paths start at the working directory, which must stay the same meanwhile.
 * @throws {WaybillError} as `loadConfig` does, when the file is not valid at the start.
 * @throws {RangeError} when an interval is out of its range.
 */
export async function watchConfig(path: string, options: WatchConfigOptions): Promise<ConfigWatch> {
  const { env, onChange, onRefused, settleMs = 100, checkIntervalMs = 2000, clock = systemClock } = options;
  checkRange("settleMs", settleMs, 0, 60_000);
  checkRange("checkIntervalMs", checkIntervalMs, 10, 3_600_000);
  const known = await identifyFile(path);
  const load = (): ConfigResult => loadConfig(path, { env });
  const first = load();
  const reloader = createReloader({
    clock,
    first,
    load,
    settleMs,
    settleMaxMs: Math.max(settleMaxMs, settleMs),
    onChange,
    onRefused,
  });
  let watchErrors = 0;
  const files = await openFileWatch(path, {
    clock,
    checkIntervalMs,
    known,
    onSign: reloader.sign,
    onError: () => {
      watchErrors += 1;
    },
  });
  const close = async (): Promise<void> => {
    await Promise.all([reloader.close(), files.close()]);
  };
  return {
    get current() {
      return reloader.current;
    },
    get refused() {
      return reloader.refused;
    },
    get stats() {
      return { ...reloader.stats, watchErrors };
    },
    reload: reloader.sign,
    close,
    [Symbol.asyncDispose]: close,
  };
}
