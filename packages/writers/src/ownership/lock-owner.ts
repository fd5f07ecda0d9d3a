import type { ProcessIdentity } from "./process-identity.ts";

/** Who holds a lock: what its file says. */
export interface LockOwner extends ProcessIdentity {
  /** Tells the holders of one process apart: see {@link formatHolder}. */
  readonly holder: string;
}

/**
 * The name of a pool among the holders of locks.
 *
 * @param id - unique within the process; a path part.
 * @param thread - the one that the pool belongs to, as `currentThread` tells it. The threads that write for it end
 * with it.
 */
export function formatHolder(id: string, thread: string): string {
  return thread === "" ? id : `${id}@${thread}`;
}

/** The inverse of {@link formatHolder}. */
export function parseHolder(holder: string): { readonly id: string; readonly thread: string } {
  const [id = "", thread = ""] = holder.split("@");
  return { id, thread };
}

/** Whether a value read from a lock file has the shape of an owner. */
export function isOwner(value: unknown): value is LockOwner {
  if (typeof value !== "object" || value === null) return false;
  const { host, pid, started, holder } = value as Record<string, unknown>;
  const texts = [host, started, holder].every((text) => typeof text === "string");
  return texts && typeof pid === "number" && Number.isSafeInteger(pid) && pid > 0;
}

/** Whether two are the same holder of the same process. */
export function isSameOwner(a: LockOwner, b: LockOwner): boolean {
  return a.host === b.host && a.pid === b.pid && a.started === b.started && a.holder === b.holder;
}
