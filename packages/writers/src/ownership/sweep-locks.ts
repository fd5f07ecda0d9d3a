import { randomBytes } from "node:crypto";
import * as path from "node:path";
import { createEventLoopTurn } from "@waybill/log-tree";
import { type Clock, type FileSystem, nodeFileSystem, systemClock } from "@waybill/protocols";
import { createDirectoryLocks, type DirectoryLocks, readLock } from "./directory-lock.ts";
import { formatHolder, parseHolder } from "./lock-owner.ts";
import type { LockPorts } from "./locked-by-others.ts";
import { currentThread, type ProcessTable, systemProcesses } from "./process-identity.ts";

const hourMs = 3_600_000;
/** What a process leaves that is killed while it takes a lock. */
const leftover = /\.(?:guard|draft-[0-9a-f]{16})$/;

/** What {@link sweepLocks} works with. */
export interface SweepLocksOptions extends LockPorts {
  /**
   * Whether a lock itself has become useless: what it locked is gone. Asked for those whose process has ended.
   * Default: none has.
   */
  readonly isUseless?: (fileName: string) => boolean;
  /** Default: that of this process. */
  readonly clock?: Clock;
  /** Ends it before the next file. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Removes what processes that have ended left in a directory of locks: drafts, guards, and locks that are useless. Each
 * is taken over first, as for writing, so that nobody who takes it at the same moment loses it. One of another host
 * stays, and so does one that cannot be read and is younger than an hour: somebody may be writing it.
 *
 * Never throws for a file. Lets the event loop turn every few milliseconds.
 *
 * @param directory - holds the locks of all directories of a tree, as `lockFileOf` of the pool tells them, and nothing else.
 * @returns absolute paths of what was found left behind and is gone.
 * @throws the reason of the signal, as a rejection.
 */
export async function sweepLocks(directory: string, options: SweepLocksOptions = {}): Promise<string[]> {
  const { fileSystem = nodeFileSystem, processes = systemProcesses, clock = systemClock } = options;
  const { isUseless = () => false, signal } = options;
  // A holder of its own: what the pool of this process takes meanwhile must not count as taken here.
  const holder = formatHolder(`sweep-${randomBytes(6).toString("hex")}`, currentThread());
  const locks = createDirectoryLocks(fileSystem, processes, holder);
  const removed: string[] = [];
  const turn = createEventLoopTurn();
  for (const name of namesIn(fileSystem, directory)) {
    signal?.throwIfAborted();
    await turn();
    const file = path.join(directory, name);
    const isLeft = (): boolean => leftover.test(name) || isUseless(name);
    if (isStale(file, fileSystem, processes, clock) && isLeft() && remove(file, locks)) removed.push(file);
  }
  return removed;
}

function namesIn(fileSystem: FileSystem, directory: string): string[] {
  try {
    return fileSystem.readdir(directory).flatMap(({ name, kind }) => (kind === "file" ? [name] : []));
  } catch {
    // No process has written here yet, or this one may not look.
    return [];
  }
}

function isStale(file: string, fileSystem: FileSystem, processes: ProcessTable, clock: Clock): boolean {
  try {
    const owner = readLock(fileSystem, file);
    if (owner === undefined) return false;
    if (owner !== "unreadable") return !processes.isRunning({ ...owner, ...parseHolder(owner.holder) });
    const writtenMs = fileSystem.lstat(file)?.modifiedMs;
    return writtenMs !== undefined && clock.now() - writtenMs > hourMs;
  } catch {
    return false;
  }
}

function remove(file: string, locks: DirectoryLocks): boolean {
  try {
    return locks.acquire(file) && locks.release(file);
  } catch {
    // The next start tries again.
    return false;
  }
}
