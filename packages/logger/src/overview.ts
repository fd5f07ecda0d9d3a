import { type EntryInput, type Level, severityOf, type Writer } from "@waybill/protocols";
import { checkedLevel } from "./checked-level.ts";
import type { CorrelationIndex } from "./correlation-index.ts";
import { isReleased } from "./recorder/released-entries.ts";
import { summaryOf } from "./summary-entry.ts";

/** What an {@link Overview} is made of. */
export interface OverviewOptions {
  /** Gets entries from `minLevel` on, without their context, such as `master.log` does; stays open. Default none. */
  readonly summary?: { readonly writer: Writer; readonly minLevel: Level } | undefined;
  /** Told of every entry with a correlation id. Default none. */
  readonly correlations?: CorrelationIndex | undefined;
}

/** What many loggers tell of their entries beside their own streams. */
export interface Overview {
  /**
   * Least severe level that the summary gets; may be changed at any time.
   *
   * @throws {RangeError} when it is set to something that names no level.
   */
  minLevel: Level;
  /** @param isTaken - what the writer of its own stream said of the entry. */
  note(entry: EntryInput, isTaken: boolean): void;
}

/** @throws {RangeError} when `summary.minLevel` names no level. */
export function createOverview(options: OverviewOptions): Overview {
  return new SharedOverview(options);
}

/**
 * A writer that also tells an overview what it is handed: put it behind the stages that leave entries out, and the
 * overview has what the stream has, so that a component that floods does not fill it either.
 */
export function overviewWriter(writer: Writer, overview: Overview): Writer {
  return {
    write(entry) {
      const isTaken = writer.write(entry);
      overview.note(entry, isTaken);
      return isTaken;
    },
    flush: () => writer.flush(),
    flushSync: () => writer.flushSync(),
    close: () => writer.close(),
    status: () => writer.status(),
  };
}

class SharedOverview implements Overview {
  readonly #summaryWriter: Writer | undefined;
  readonly #correlations: CorrelationIndex | undefined;
  #minLevel: Level;
  /** Severity of {@link #minLevel}. */
  #minSeverity: number;

  constructor({ summary, correlations }: OverviewOptions) {
    this.#summaryWriter = summary?.writer;
    this.#correlations = correlations;
    this.#minLevel = checkedLevel(summary?.minLevel ?? "INFO");
    this.#minSeverity = severityOf[this.#minLevel];
  }

  get minLevel(): Level {
    return this.#minLevel;
  }

  set minLevel(level: Level) {
    this.#minLevel = checkedLevel(level);
    this.#minSeverity = severityOf[this.#minLevel];
  }

  note(entry: EntryInput, isTaken: boolean): void {
    if (this.#summaryWriter !== undefined && severityOf[entry.level] >= this.#minSeverity) {
      // What a recorder releases is of another time, and below the level of its logger.
      if (!isReleased(entry)) this.#summaryWriter.write(summaryOf(entry));
    }
    if (entry.correlationId === undefined || this.#correlations === undefined) return;
    // The index must know every stream with entries of an id, also those that an error in another one has written.
    if (isTaken || !isReleased(entry)) this.#correlations.note(entry);
  }
}
