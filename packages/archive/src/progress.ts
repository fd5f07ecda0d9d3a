/** What is being done. */
export type ArchiveStep = "pack" | "verify" | "restore" | "recover";

/** How far a long call is. */
export interface ArchiveProgress {
  readonly step: ArchiveStep;
  /** Path of the file that is being worked on. */
  readonly file: string;
  /** Bytes of this step done so far. */
  readonly bytes: number;
  /** Bytes of this step in all; undefined when that is not known before. */
  readonly bytesTotal: number | undefined;
  /** Files of this step that are done. */
  readonly files: number;
  /** Undefined when that is not known before. */
  readonly filesTotal: number | undefined;
}

/** Options of every long call. */
export interface LongCallOptions {
  /**
   * Ends the call early, with a rejection by its `reason`. What was begun is removed; what was finished stays. Default:
   * never.
   */
  readonly signal?: AbortSignal;
  /** Called about every 256 KiB. What it throws ends the call as `signal` does. Default: nobody is told. */
  readonly onProgress?: (progress: ArchiveProgress) => void;
}

/**
 * Runs work that takes the signal in parts of it; whatever an abort makes these throw, the reason of the signal is
 * what the caller gets.
 */
export async function runUntilAborted<T>(
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  try {
    return await work();
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
