import { type FileSystem, nodeFileSystem } from "@waybill/protocols";
import { readLock } from "./directory-lock.ts";
import { parseHolder } from "./lock-owner.ts";
import { currentThread, type ProcessTable, systemProcesses } from "./process-identity.ts";

/** Where {@link isLockedByOthers} looks. */
export interface LockPorts {
  /** Default: that of this machine. */
  readonly fileSystem?: FileSystem;
  /** Default: the processes of this machine. */
  readonly processes?: ProcessTable;
}

/**
 * Whether somebody else writes below a directory: a process that runs, or another thread of this one, holds its lock.
 * For who tends a tree that several processes share: what is theirs has not been left behind.
 *
 * As for taking a lock, one on another host counts as running, and a file that is no lock as nobody's. A lock that cannot
 * be read is taken for one of others. Looks at the disk; changes nothing.
 *
 * @param lockFile - as `lockFileOf` of the pool tells it.
 */
export function isLockedByOthers(lockFile: string, ports: LockPorts = {}): boolean {
  const { fileSystem = nodeFileSystem, processes = systemProcesses } = ports;
  try {
    const owner = readLock(fileSystem, lockFile);
    if (owner === undefined || owner === "unreadable") return false;
    const { thread } = parseHolder(owner.holder);
    const { host, pid, started } = processes.self;
    const isOurs = owner.host === host && owner.pid === pid && owner.started === started;
    if (isOurs && thread === currentThread()) return false;
    return processes.isRunning({ ...owner, thread });
  } catch {
    return true;
  }
}
