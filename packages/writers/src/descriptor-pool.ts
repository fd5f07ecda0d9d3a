import { readFileSync } from "node:fs";
import { errnoOf } from "./failure.ts";

/** Who holds an open file and can let it go and open it again. */
export interface DescriptorOwner {
  /** Closes the file if it is open. Must not throw. */
  releaseDescriptor(): void;
}

/** A third of what is left after the application's own needs would do; a quarter leaves room for surprises. */
const shareOfLimit = 4;
const descriptorsMax = 256;
const descriptorsMin = 16;
/** How many files to let go at once when the system has no descriptor left. */
const releasedOnExhaustion = 8;

/**
 * Keeps the number of open files bounded: thousands of streams share a few descriptors, the least recently used one
 * is closed first.
 */
export class DescriptorPool {
  #limit: number;
  /** In order of last use, oldest first: a Map iterates in order of insertion. */
  readonly #owners = new Set<DescriptorOwner>();

  /** @param limit - open files at most, integer ≥ 1. Default min(256, soft limit / 4). */
  constructor(limit: number = defaultDescriptorLimit()) {
    this.#limit = limit;
  }

  /** Open files. */
  get size(): number {
    return this.#owners.size;
  }

  /** Changes the limit; closes the oldest files when there are too many. @param limit - as of the constructor. */
  resize(limit: number): void {
    this.#limit = limit;
    this.#releaseOldest(this.#owners.size - limit);
  }

  /** Notes that the owner's file is in use now; closes the oldest one when there are too many. */
  touch(owner: DescriptorOwner): void {
    this.#owners.delete(owner);
    this.#owners.add(owner);
    if (this.#owners.size > this.#limit) this.#releaseOldest(1);
  }

  /** Notes that the owner has closed its file. */
  forget(owner: DescriptorOwner): void {
    this.#owners.delete(owner);
  }

  /**
   * Opens a file; when the system has no descriptor left (`EMFILE`, `ENFILE`), lets some go and tries once more.
   *
   * @throws what `open` throws.
   */
  openWith(open: () => number): number {
    try {
      return open();
    } catch (error) {
      const code = errnoOf(error);
      if ((code !== "EMFILE" && code !== "ENFILE") || this.#owners.size === 0) throw error;
      this.#releaseOldest(releasedOnExhaustion);
      return open();
    }
  }

  #releaseOldest(count: number): void {
    let released = 0;
    for (const owner of this.#owners) {
      if (released++ >= count) return;
      this.#owners.delete(owner);
      owner.releaseDescriptor();
    }
  }
}

/** min(256, soft limit of open files / 4), at least 16. Where the limit cannot be read (not Linux), 256. */
export function defaultDescriptorLimit(): number {
  const soft = softOpenFileLimit();
  return Math.max(descriptorsMin, Math.min(descriptorsMax, Math.floor(soft / shareOfLimit)));
}

function softOpenFileLimit(): number {
  try {
    const line = /^Max open files +(\d+)/m.exec(readFileSync("/proc/self/limits", "latin1"));
    return line?.[1] === undefined ? Number.POSITIVE_INFINITY : Number(line[1]);
  } catch {
    // No /proc: other systems have no limit that can be read without a subprocess; the fixed maximum stands.
    return Number.POSITIVE_INFINITY;
  }
}
