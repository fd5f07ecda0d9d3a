import { readFileSync } from "node:fs";
import type { Clock, Timer } from "@waybill/protocols";
import { errnoOf } from "./failure.ts";

/** Who holds an open file and can let it go and open it again. */
export interface DescriptorOwner {
  /** Closes the file if it is open. Must not throw. */
  releaseDescriptor(): void;
  /** As {@link releaseDescriptor}, soon, and unless the file must stay open. It was not used for some time. */
  releaseIdle(): void;
}

/** When a pool closes files that nobody uses. */
export interface IdleClose {
  readonly clock: Clock;
  /** Milliseconds for which a file was not used. */
  readonly idleCloseMs: number;
}

/** A third of what is left after the application's own needs would do; a quarter leaves room for surprises. */
const shareOfLimit = 4;
const descriptorsMax = 256;
const descriptorsMin = 16;
/** How many files to let go at once when the system has no descriptor left. */
const releasedOnExhaustion = 8;

/**
 * Keeps the number of open files bounded: thousands of streams share a few descriptors, the least recently used one
 * is closed first. Files that nobody uses are closed after a time.
 */
export class DescriptorPool {
  #limit: number;
  readonly #idle: IdleClose | undefined;
  /** When each was last used, monotonic microseconds. Oldest first: a Map iterates in order of insertion. */
  readonly #usedUs = new Map<DescriptorOwner, number>();
  /** One for all files, set for the one that was not used for the longest time. */
  #timer: Timer | undefined;

  /**
   * @param limit - open files at most, integer ≥ 1. Default min(256, soft limit / 4).
   * @param idle - default: files stay open.
   */
  constructor(limit: number = defaultDescriptorLimit(), idle?: IdleClose) {
    this.#limit = limit;
    this.#idle = idle;
  }

  /** Open files. */
  get size(): number {
    return this.#usedUs.size;
  }

  /** Changes the limit; closes the oldest files when there are too many. @param limit - as of the constructor. */
  resize(limit: number): void {
    this.#limit = limit;
    this.#releaseOldest(this.#usedUs.size - limit);
  }

  /**
   * Notes that the owner's file is in use now; closes the oldest one when there are too many.
   *
   * @param nowUs - on the monotonic clock.
   */
  touch(owner: DescriptorOwner, nowUs: number): void {
    this.#usedUs.delete(owner);
    this.#usedUs.set(owner, nowUs);
    if (this.#usedUs.size > this.#limit) this.#releaseOldest(1);
    if (this.#timer === undefined) this.#setTimer(nowUs, nowUs);
  }

  /** Notes that the owner has closed its file. */
  forget(owner: DescriptorOwner): void {
    this.#usedUs.delete(owner);
    if (this.#usedUs.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
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
      if ((code !== "EMFILE" && code !== "ENFILE") || this.#usedUs.size === 0) throw error;
      this.#releaseOldest(releasedOnExhaustion);
      return open();
    }
  }

  #releaseOldest(count: number): void {
    let released = 0;
    for (const owner of this.#usedUs.keys()) {
      if (released++ >= count) return;
      this.#usedUs.delete(owner);
      owner.releaseDescriptor();
    }
  }

  /** @param oldestUs - when the file was used that was not used for the longest time. */
  #setTimer(oldestUs: number, nowUs: number): void {
    if (this.#idle === undefined) return;
    const { clock, idleCloseMs } = this.#idle;
    const delayMs = idleCloseMs - Math.floor((nowUs - oldestUs) / 1000);
    this.#timer = clock.setTimer(() => this.#releaseIdle(clock.monotonicUs(), idleCloseMs), delayMs);
  }

  #releaseIdle(nowUs: number, idleCloseMs: number): void {
    const idle = [...this.#usedUs].filter(([, usedUs]) => nowUs - usedUs >= idleCloseMs * 1000);
    // One that must stay open is asked again after the same time.
    for (const [owner] of idle) {
      this.#usedUs.delete(owner);
      this.#usedUs.set(owner, nowUs);
    }
    for (const [owner] of idle) owner.releaseIdle();
    const [oldestUs] = this.#usedUs.values();
    this.#timer = undefined;
    if (oldestUs !== undefined) this.#setTimer(oldestUs, nowUs);
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
