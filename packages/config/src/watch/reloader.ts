import { isDeepStrictEqual } from "node:util";
import type { Clock, Timer } from "@waybill/protocols";
import type { ConfigResult } from "../waybill-config.ts";

/** What a watch has done so far. */
export interface ConfigWatchStats {
  /** Times that the file was read. */
  readonly reads: number;
  /** Configurations that have come into force after the first. */
  readonly changes: number;
  /** Readings that were refused; the same fault counts each time, and is told once. */
  readonly refusals: number;
  /** Errors that `onRefused` threw. They have nowhere to go. */
  readonly failedCallbacks: number;
  /** Times that the operating system gave no events; the file is then looked at in intervals alone. */
  readonly watchErrors: number;
}

/** Options of {@link createReloader}. */
export interface ReloaderOptions {
  readonly clock: Clock;
  readonly first: ConfigResult;
  /** Reads the file, or throws why not. */
  readonly load: () => ConfigResult;
  /** Milliseconds without a sign before the file is read. */
  readonly settleMs: number;
  /** Milliseconds after the first sign at which it is read even if signs go on. */
  readonly settleMaxMs: number;
  readonly onChange: (next: ConfigResult, previous: ConfigResult) => void | Promise<void>;
  readonly onRefused: (error: unknown) => void;
}

/** Reads a configuration again after signs of a change, and keeps what is in force. */
export interface Reloader {
  readonly current: ConfigResult;
  /** Why the file as it is now is not in force; undefined when it is. */
  readonly refused: unknown;
  readonly stats: Omit<ConfigWatchStats, "watchErrors">;
  /** Notes a sign of a change. */
  sign(): void;
  /** Ends it: nothing is read or told any more. Resolves when a running `onChange` has ended. */
  close(): Promise<void>;
}

/** The decision apart from files and events: when to read, what to tell, what stays. */
export function createReloader(options: ReloaderOptions): Reloader {
  const { clock, load, settleMs, settleMaxMs, onChange, onRefused } = options;
  const stats = { reads: 0, changes: 0, refusals: 0, failedCallbacks: 0 };
  let current = options.first;
  let refused: unknown;
  let timer: Timer | undefined;
  let firstSignUs: number | undefined;
  let running: Promise<void> | undefined;
  let isClosed = false;

  const refuse = (error: unknown): void => {
    stats.refusals += 1;
    const isKnown = refused !== undefined && String(refused) === String(error);
    refused = error;
    if (isKnown || isClosed) return;
    try {
      onRefused(error);
    } catch {
      stats.failedCallbacks += 1;
    }
  };
  const reload = async (): Promise<void> => {
    stats.reads += 1;
    try {
      const next = load();
      if (!isDeepStrictEqual(next.config, current.config)) {
        await onChange(next, current);
        stats.changes += 1;
      }
      current = next;
      refused = undefined;
    } catch (error) {
      refuse(error);
    }
  };
  const run = (): void => {
    firstSignUs = undefined;
    timer = undefined;
    running = reload().finally(() => {
      running = undefined;
      // A sign that came while the change was applied has waited for this.
      if (firstSignUs !== undefined) wait();
    });
  };
  const wait = (): void => {
    timer?.cancel();
    if (isClosed || running !== undefined) return;
    const waitedMs = (clock.monotonicUs() - (firstSignUs ?? clock.monotonicUs())) / 1000;
    timer = clock.setTimer(run, Math.max(0, Math.min(settleMs, settleMaxMs - waitedMs)));
  };

  return {
    get current() {
      return current;
    },
    get refused() {
      return refused;
    },
    get stats() {
      return { ...stats };
    },
    sign() {
      if (isClosed) return;
      firstSignUs ??= clock.monotonicUs();
      wait();
    },
    async close() {
      isClosed = true;
      timer?.cancel();
      await running;
    },
  };
}
