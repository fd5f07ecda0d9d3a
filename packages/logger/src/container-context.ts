import type { EntrySource, Level } from "@waybill/protocols";

/** What one component has logged so far. Entries below its level do not count. */
export interface ContainerMetrics {
  /** Entries. */
  readonly logCount: number;
  /** Entries of level ERROR and CRITICAL. */
  readonly errorCount: number;
  /** Milliseconds since the epoch of the last entry; undefined before the first. */
  readonly lastActivity: number | undefined;
  /**
   * Entries that did not reach every writer because a writer, the clock or the detector threw, which none of them may.
   * What writers themselves drop is in their status.
   */
  readonly failedCount: number;
}

/** Who logs: the fixed identity of one component in one container, and what it has logged. */
export class ContainerContext {
  /** Handed to writers with each entry; always the same object, by which they recognise it. */
  readonly source: EntrySource;
  /** Milliseconds since the epoch. */
  readonly createdAtMs: number;
  #logCount = 0;
  #errorCount = 0;
  #lastActivity: number | undefined;
  #failedCount = 0;

  constructor(containerId: string, componentName: string, createdAtMs: number) {
    this.source = Object.freeze({ containerId, componentName });
    this.createdAtMs = createdAtMs;
  }

  updateMetrics(level: Level, timestampMs: number): void {
    this.#logCount++;
    this.#lastActivity = timestampMs;
    if (level === "ERROR" || level === "CRITICAL") this.#errorCount++;
  }

  countFailure(): void {
    this.#failedCount++;
  }

  metrics(): ContainerMetrics {
    return {
      logCount: this.#logCount,
      errorCount: this.#errorCount,
      lastActivity: this.#lastActivity,
      failedCount: this.#failedCount,
    };
  }
}
