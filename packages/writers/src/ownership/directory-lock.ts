import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import * as path from "node:path";
import type { FileSystem } from "@waybill/protocols";
import { isOwner, isSameOwner, type LockOwner, parseHolder } from "./lock-owner.ts";
import type { ProcessTable } from "./process-identity.ts";

const lockMode = 0o600;
/** A pipe must not keep whoever opens it waiting for somebody who writes into it. */
const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** Contents are some hundred bytes; whatever is longer is no lock. */
const contentBytesMax = 4096;
/** Others who take and release the lock meanwhile disturb one call at most this often. */
const attemptsMax = 4;
/** Guards of guards: each needs one more process that was killed in the midst of a takeover. */
const guardsMax = 8;

/** Decides which process writes the files of a directory under their own names. */
export interface DirectoryLocks {
  /** Path part that tells the part files of this holder from those of others. */
  readonly partName: string;
  /**
   * Takes the lock of a directory, or finds that this holder has it.
   *
   * A free lock is taken by `link`, which succeeds for one. A stale one, whose process is gone or that nobody can
   * read, is replaced by `rename`, which cannot ask what it replaces; so whoever replaces holds the guard of the lock,
   * `<lock>.guard`, and looks again under it. A guard is a lock like any other, with a guard of its own for the case
   * that its holder was killed. Hence:
   * - only the owner removes a lock, and only while it runs; only the holder of the guard replaces one, and only a
   *   stale one. What was seen stale under the guard therefore still is at the `rename`.
   * - there is no moment without a lock file during a takeover, so a third process finds no gap, and a process that is
   *   killed at any point leaves the stale lock or its own.
   *
   * Moving a stale lock aside and putting it back if it was not stale is no way: meanwhile the name is free.
   *
   * A kill may leave a file `<lock>.draft-*` behind, which nobody reads.
   *
   * @returns false when another running process holds it or is about to take it over.
   * @throws what the file system throws; `ELOOP`, with nothing changed, when a symbolic link has the name, and `EISDIR`
   * when a directory, a pipe or anything else does that is no file.
   */
  acquire(lockFile: string): boolean;
  /** Gives one back, whichever thread has taken it for this holder. Never throws. @returns whether it was there. */
  release(lockFile: string): boolean;
  /** Gives every lock back that this object took. Never throws: a lock left behind is stale with the process. */
  releaseAll(): void;
}

/** @param holder - see `formatHolder`. */
export function createDirectoryLocks(
  fileSystem: FileSystem,
  processes: ProcessTable,
  holder: string,
): DirectoryLocks {
  const self: LockOwner = { ...processes.self, holder };
  const held = new Set<string>();

  function isStale(owner: LockOwner | "unreadable"): boolean {
    return owner === "unreadable" || !processes.isRunning({ ...owner, ...parseHolder(owner.holder) });
  }

  function acquire(lockFile: string, guards: number): boolean {
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const acquired = tryAcquire(lockFile, guards);
      if (acquired === true) held.add(lockFile);
      if (acquired !== "again") return acquired;
    }
    return false;
  }

  function tryAcquire(lockFile: string, guards: number): boolean | "again" {
    const owner = readLock(fileSystem, lockFile);
    if (owner === undefined) return placeLock(fileSystem, lockFile, self) || "again";
    if (owner !== "unreadable" && isSameOwner(owner, self)) return true;
    return isStale(owner) && takeOver(lockFile, guards);
  }

  function takeOver(lockFile: string, guards: number): boolean | "again" {
    const guard = `${lockFile}.guard`;
    if (guards === guardsMax || !acquire(guard, guards + 1)) return false;
    try {
      const owner = readLock(fileSystem, lockFile);
      if (owner === undefined || !isStale(owner)) return "again";
      replaceLock(fileSystem, lockFile, self);
      return true;
    } finally {
      release(guard);
    }
  }

  /** What cannot be removed now stays noted for the next {@link DirectoryLocks.releaseAll}. */
  function release(lockFile: string): boolean {
    try {
      const owner = readLock(fileSystem, lockFile);
      const isOwn = owner !== undefined && owner !== "unreadable" && isSameOwner(owner, self);
      if (isOwn) fileSystem.unlink(lockFile);
      held.delete(lockFile);
      return isOwn;
    } catch {
      // Whoever comes next sees that this process is gone.
      return false;
    }
  }

  return {
    partName: `${self.pid}-${parseHolder(holder).id}`,
    acquire: (lockFile) => acquire(lockFile, 0),
    release,
    releaseAll() {
      for (const lockFile of held) release(lockFile);
    },
  };
}

/** Makes the lock appear whole or not at all. @returns false when there is one. */
function placeLock(fileSystem: FileSystem, lockFile: string, self: LockOwner): boolean {
  const draft = writeDraft(fileSystem, lockFile, self);
  try {
    fileSystem.link(draft, lockFile);
    return true;
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
    return false;
  } finally {
    removeDraft(fileSystem, draft);
  }
}

/** Puts the lock in the place of another, without a moment in between. */
function replaceLock(fileSystem: FileSystem, lockFile: string, self: LockOwner): void {
  const draft = writeDraft(fileSystem, lockFile, self);
  try {
    fileSystem.rename(draft, lockFile);
  } catch (error) {
    removeDraft(fileSystem, draft);
    throw error;
  }
}

/** The name is random: processes that do not see each other may have the same pid, and a killed one its draft linked. */
function writeDraft(fileSystem: FileSystem, lockFile: string, self: LockOwner): string {
  const draft = `${lockFile}.draft-${randomBytes(8).toString("hex")}`;
  const flags =
    constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const fd = fileSystem.open(draft, flags, lockMode);
  try {
    writeAndClose(fileSystem, fd, Buffer.from(JSON.stringify(self)));
    return draft;
  } catch (error) {
    removeDraft(fileSystem, draft);
    throw error;
  }
}

/** Half a lock would be unreadable and so be taken over from a running process: a short write is gone on with. */
function writeAndClose(fileSystem: FileSystem, fd: number, content: Uint8Array): void {
  try {
    let written = 0;
    while (written < content.length) {
      written += fileSystem.write(fd, content, written, content.length - written);
    }
  } finally {
    fileSystem.close(fd);
  }
}

function removeDraft(fileSystem: FileSystem, draft: string): void {
  try {
    fileSystem.unlink(draft);
  } catch {
    // Nobody reads it, and whether the lock was taken does not depend on it.
  }
}

/**
 * Who holds a lock.
 *
 * @returns undefined when there is no lock; "unreadable" for a file that this package did not write.
 * @throws what the file system throws; `ELOOP` for a link, `EISDIR` for anything else that is no file.
 */
export function readLock(fileSystem: FileSystem, lockFile: string): LockOwner | "unreadable" | undefined {
  let fd: number;
  try {
    fd = fileSystem.open(lockFile, readFlags, 0);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
  try {
    if (fileSystem.stat(fd).kind !== "file") {
      throw Object.assign(new Error(`EISDIR: ${lockFile} is no file`), { code: "EISDIR" });
    }
    const bytes = Buffer.alloc(contentBytesMax + 1);
    const length = fileSystem.read(fd, bytes, 0, bytes.length, 0);
    return length > contentBytesMax ? "unreadable" : parseOwner(bytes.toString("utf8", 0, length));
  } finally {
    fileSystem.close(fd);
  }
}

function parseOwner(text: string): LockOwner | "unreadable" {
  try {
    const value: unknown = JSON.parse(text);
    return isOwner(value) ? value : "unreadable";
  } catch {
    return "unreadable";
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

/** Where the lock of a directory lies unless the owner of the tree says otherwise. */
export function defaultLockFile(directory: string): string {
  return path.join(directory, ".waybill.lock");
}
