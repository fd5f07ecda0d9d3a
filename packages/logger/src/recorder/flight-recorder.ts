import { type EntryInput, type Level, severityOf } from "@waybill/protocols";
import { entryOfLine } from "../entry-line.ts";
import { markContext } from "../mark-context.ts";
import { LineRecorder } from "./line-recorder.ts";
import { RecordedEntries } from "./recorded-entries.ts";
import type { RecordedEntry, RecordedTo } from "./recorded-entry.ts";
import {
  type FlightRecorderOptions,
  type ResolvedRecorderOptions,
  resolveRecorderOptions,
} from "./recorder-options.ts";
import { rememberReleased } from "./released-entries.ts";

/** What a {@link FlightRecorder} has done. At every moment recorded = written + refused + forgotten + entries. */
export interface FlightRecorderStatus {
  /** Entries kept now. */
  readonly entries: number;
  /** Bytes kept now: the lines, and what keeping an entry costs beside its line. */
  readonly bytes: number;
  /** Correlation ids with entries kept now. */
  readonly correlations: number;
  /** Entries recorded so far. */
  readonly recorded: number;
  /** Of these, entries written. */
  readonly written: number;
  /** Of these, entries that their writer refused or dropped when it was to write them. */
  readonly refused: number;
  /** Of these, entries that made room for newer ones, or whose logger was closed: the usual end of an entry. */
  readonly forgotten: number;
  /** Entries that were not recorded: longer than a ring, or logged too deep inside one that was being recorded. */
  readonly missed: number;
}

/**
 * Keeps entries below the level of their loggers for the error that may follow; one serves all loggers of a process.
 *
 * An error has written what is kept of its container and, from whatever containers, on its correlation id: in order of
 * time, each entry once, to the stream of its own logger, ahead of the error, with its own time and `recorded: true` in
 * its context. What is kept when the process ends is gone.
 */
export interface FlightRecorder {
  /** The least severe level that is kept. */
  readonly minLevel: Level;
  /** The least severe level that has what is kept written. */
  readonly triggerLevel: Level;
  /**
   * Keeps what the entry says now; less severe ones than `minLevel` are passed over. Never throws.
   *
   * @param to - where it is written when its time has come; one object for all entries of a logger.
   */
  record(entry: EntryInput, to: RecordedTo): void;
  /** Writes what is kept of this entry's container and correlation id. Never throws. @returns entries written. */
  release(entry: Pick<EntryInput, "source" | "correlationId">): number;
  /** Writes all that is kept, for who looks for a fault that logs no error. Never throws. @returns entries written. */
  releaseAll(): number;
  /**
   * Other bounds and levels from now on; what is kept stays as far as it fits, the newest first. Loggers read the levels
   * when their `recorder` is set.
   *
   * @throws {RangeError} as {@link createFlightRecorder}; then nothing changes.
   */
  reconfigure(options: FlightRecorderOptions): void;
  /** Forgets what is kept of a logger that ends. */
  forget(containerId: string, to: RecordedTo): void;
  status(): FlightRecorderStatus;
}

/** @throws {RangeError} when an option is out of its range, or `minLevel` is not below `triggerLevel`. */
export function createFlightRecorder(options: FlightRecorderOptions = {}): FlightRecorder {
  return new RingRecorder(resolveRecorderOptions(options));
}

class RingRecorder implements FlightRecorder {
  #minLevel: Level;
  #triggerLevel: Level;
  #entries: RecordedEntries;
  #lines: LineRecorder;
  #recorded = 0;
  #written = 0;
  #refused = 0;
  #forgotten = 0;
  #missed = 0;
  /** Entries that are taken out and about to be written. */
  #leaving = 0;

  constructor({ minLevel, triggerLevel, bounds, limits }: ResolvedRecorderOptions) {
    this.#minLevel = minLevel;
    this.#triggerLevel = triggerLevel;
    this.#entries = new RecordedEntries(bounds);
    this.#lines = new LineRecorder(limits);
  }

  get minLevel(): Level {
    return this.#minLevel;
  }

  get triggerLevel(): Level {
    return this.#triggerLevel;
  }

  record(entry: EntryInput, to: RecordedTo): void {
    if (severityOf[entry.level] < severityOf[this.#minLevel]) return;
    const line = this.#encode(entry);
    const { source, correlationId } = entry;
    if (line === undefined || !this.#entries.fits(line.length, correlationId)) {
      this.#missed++;
      return;
    }
    this.#recorded++;
    const recorded: RecordedEntry = {
      order: this.#recorded,
      line,
      source,
      to,
      container: undefined,
      inContainer: undefined,
      correlation: undefined,
      inCorrelation: undefined,
      inAll: undefined,
    };
    this.#entries.add(recorded, correlationId);
  }

  release({ source, correlationId }: Pick<EntryInput, "source" | "correlationId">): number {
    return this.#write(this.#entries.of(source.containerId, correlationId));
  }

  releaseAll(): number {
    return this.#write(this.#entries.all());
  }

  reconfigure(options: FlightRecorderOptions): void {
    const { minLevel, triggerLevel, bounds, limits } = resolveRecorderOptions(options);
    // First, because it checks the limits.
    this.#lines = new LineRecorder(limits);
    this.#minLevel = minLevel;
    this.#triggerLevel = triggerLevel;
    this.#entries = this.#entries.within(bounds);
  }

  forget(containerId: string, to: RecordedTo): void {
    for (const entry of this.#entries.ofLogger(containerId, to)) {
      this.#entries.remove(entry);
      this.#forgotten++;
    }
  }

  status(): FlightRecorderStatus {
    return {
      entries: this.#entries.count + this.#leaving,
      bytes: this.#entries.bytes,
      correlations: this.#entries.correlations,
      recorded: this.#recorded,
      written: this.#written,
      refused: this.#refused,
      forgotten: this.#entries.forgotten + this.#forgotten,
      missed: this.#missed,
    };
  }

  #encode(entry: EntryInput): string | undefined {
    try {
      return this.#lines.encode(entry);
    } catch {
      // The end of the stack or of memory: the entry counts as missed.
      return undefined;
    }
  }

  #write(entries: readonly RecordedEntry[]): number {
    // All are out before the first is written: what a writer logs in turn must find none of them.
    for (const entry of entries) this.#entries.remove(entry);
    this.#leaving += entries.length;
    let written = 0;
    for (const entry of entries) {
      const isWritten = writeRecorded(entry);
      this.#leaving--;
      if (isWritten) written++;
      else this.#refused++;
      if (isWritten) this.#written++;
    }
    return written;
  }
}

function writeRecorded({ line, source, to }: RecordedEntry): boolean {
  try {
    const entry = entryOfLine(Buffer.from(line, "latin1"), source);
    const context = markContext(entry.context ?? {}, "recorded", true);
    return to.write(rememberReleased({ ...entry, context }));
  } catch {
    // A writer that breaks its contract: the entry counts as refused.
    return false;
  }
}
