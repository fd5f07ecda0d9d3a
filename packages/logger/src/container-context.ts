import type { EntrySource, Level } from "@waybill/protocols";

/** What one component has logged so far. Entries below its level do not count. */
export interface ContainerMetrics {
  /** Entries. */
  readonly logCount: number;
  /** Entries of level ERROR and CRITICAL. */
  readonly errorCount: number;
  /** Entries by level; they add up to `logCount`. */
  readonly countsByLevel: Readonly<Record<Level, number>>;
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
  /** One per level, from TRACE on. */
  readonly #counts = new Float64Array(6);
  #lastActivity: number | undefined;
  #failedCount = 0;

  constructor(containerId: string, componentName: string, createdAtMs: number) {
    this.source = Object.freeze({ containerId, componentName });
    this.createdAtMs = createdAtMs;
  }

  /** @param severity - of `severityOf`. */
  updateMetrics(severity: number, timestampMs: number): void {
    // Severities are 1, 5, 9 and so on; a look-up by name would cost several times as much.
    const index = severity >> 2;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#lastActivity = timestampMs;
  }

  countFailure(): void {
    this.#failedCount++;
  }

  metrics(): ContainerMetrics {
    const of = (index: number): number => this.#counts[index] ?? 0;
    const [TRACE, DEBUG, INFO, WARNING, ERROR, CRITICAL] = [of(0), of(1), of(2), of(3), of(4), of(5)];
    return {
      logCount: TRACE + DEBUG + INFO + WARNING + ERROR + CRITICAL,
      errorCount: ERROR + CRITICAL,
      countsByLevel: { TRACE, DEBUG, INFO, WARNING, ERROR, CRITICAL },
      lastActivity: this.#lastActivity,
      failedCount: this.#failedCount,
    };
  }
}
