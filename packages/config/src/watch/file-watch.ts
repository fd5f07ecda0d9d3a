import { resolve } from "node:path";
import type { Clock, Timer } from "@waybill/protocols";
import type { FSWatcher } from "chokidar";
import { type FileIdentity, identifyFile } from "./file-identity.ts";

/** Options of {@link openFileWatch}. */
export interface FileWatchOptions {
  readonly clock: Clock;
  /** Milliseconds between two looks at the file, beside the events. */
  readonly checkIntervalMs: number;
  /** The file as it was when its content was last read. */
  readonly known: FileIdentity;
  /** Called for every sign of a change, also for signs that mean nothing, and in bursts. */
  readonly onSign: () => void;
  /** Called when the operating system gives no events, such as for want of inotify watches: the looks remain. */
  readonly onError: (error: unknown) => void;
}

/** A watched path. */
export interface FileWatch {
  /** Ends all events; idempotent. */
  close(): Promise<void>;
}

/**
 * Events of one path. Chokidar follows it through rename and removal; when its directory goes, the events end for ever
 * (seen with 5.0.0), which is why changes without an event are looked for.
 */
async function openEvents(path: string, { onSign, onError }: FileWatchOptions): Promise<FSWatcher> {
  // Loaded when it is needed: most users of a configuration do not watch it.
  const { watch } = await import("chokidar");
  // Bursts are joined by whoever hears of them; chokidar's own waiting for atomic writes would only add to it.
  const watcher = watch(path, { ignoreInitial: true, persistent: false, atomic: false });
  watcher.on("all", onSign);
  watcher.on("error", onError);
  await new Promise<void>((ready) => {
    watcher.once("ready", ready);
    watcher.once("error", () => ready());
  });
  return watcher;
}

/**
 * After an event the file is looked at again: chokidar tells of a file once in 50 ms and forgets what comes between
 * (seen with 5.0.0: of 50 writes in a second, the last was not told).
 */
const followUpMs = 100;

/**
 * Watches what a path leads to: written, emptied, replaced by rename, removed, made again, also together with its
 * directory. Events come at once where there are any. A regular look finds the rest: network disks, a link above the
 * file that is turned to another target as container platforms do, a directory that was removed.
 */
export async function openFileWatch(given: string, options: FileWatchOptions): Promise<FileWatch> {
  const path = resolve(given);
  const { clock, checkIntervalMs, onSign } = options;
  let { known } = options;
  let timer: Timer | undefined;
  let looking: Promise<void> | undefined;
  let closing: Promise<void> | undefined;
  let hasSign = false;

  const onEvent = (): void => {
    hasSign = true;
    onSign();
    if (looking === undefined) lookIn(followUpMs);
  };
  let events = await openEvents(path, { ...options, onSign: onEvent });

  const compare = async (hadEvent: boolean): Promise<void> => {
    const found = await identifyFile(path);
    const isChanged = found.file !== known.file;
    const isDeaf = found.directory !== known.directory || (isChanged && !hadEvent);
    known = found;
    if (isDeaf && closing === undefined) {
      await events.close();
      events = await openEvents(path, { ...options, onSign: onEvent });
    }
    // Also after new events have begun: what happened before them was seen by none.
    if (isDeaf || isChanged) onEvent();
  };
  const look = async (): Promise<void> => {
    const hadEvent = hasSign;
    hasSign = false;
    await compare(hadEvent).catch(options.onError);
    looking = undefined;
    lookIn(hasSign ? followUpMs : checkIntervalMs);
  };
  const lookIn = (delayMs: number): void => {
    timer?.cancel();
    if (closing !== undefined) return;
    timer = clock.setTimer(
      () => {
        looking = look();
      },
      Math.min(delayMs, checkIntervalMs),
    );
  };
  const close = async (): Promise<void> => {
    timer?.cancel();
    await looking;
    await events.close();
  };

  // A change between the first reading and the first event.
  looking = look();
  await looking;
  return {
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
