import type { DirectoryLocks } from "./directory-lock.ts";

/** The locks that the streams of a pool need, whichever thread has taken them. */
export class PoolLocks {
  readonly #locks: DirectoryLocks | undefined;
  readonly #lockFiles = new Set<string>();
  readonly #givenBack = new Set<string>();

  /** @param locks - undefined where there are none. */
  constructor(locks: DirectoryLocks | undefined) {
    this.#locks = locks;
  }

  /** Notes that a stream will take a lock when it opens its files. */
  note(lockFile: string | undefined): void {
    if (lockFile !== undefined) this.#lockFiles.add(lockFile);
  }

  /** Gives all back that belong to this pool. Nothing of it may be written any more without {@link takeAgain}. */
  giveAllBack(): void {
    for (const lockFile of this.#lockFiles) this.giveBack(lockFile);
  }

  giveBack(lockFile: string | undefined): void {
    if (lockFile !== undefined && this.#locks?.release(lockFile) === true) this.#givenBack.add(lockFile);
  }

  /** @returns false when it was given back, and another process has it since. */
  takeAgain(lockFile: string | undefined): boolean {
    if (lockFile === undefined || !this.#givenBack.has(lockFile)) return true;
    return this.#locks?.acquire(lockFile) !== false;
  }
}
