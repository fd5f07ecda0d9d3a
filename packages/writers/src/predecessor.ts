/** A stream that had the files of another before, and may still be at them though it is closed: a disk may hang. */
export interface Predecessor {
  /** Whether it will not touch its files any more. */
  readonly isReleased: boolean;
  /** Resolves then. Never rejects. */
  readonly released: Promise<void>;
  /** Writes what waits. @returns whether all is written, so that its files stay as they are. */
  flushSync(): boolean;
}

/** Milliseconds between two looks whether anybody still waits. */
const lookMs = 100;

/**
 * Waits for a predecessor, and keeps the process alive meanwhile.
 *
 * @param isGivenUp - whether nobody waits for this any more.
 */
export async function untilReleased(before: Predecessor, isGivenUp: () => boolean): Promise<void> {
  const alive = setInterval(() => {
    if (isGivenUp()) alive.unref();
  }, lookMs);
  try {
    await before.released;
  } finally {
    clearInterval(alive);
  }
}
