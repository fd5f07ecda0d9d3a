import type { WriterState, WriterStatus } from "@waybill/protocols";

/** What a stream in a worker has counted. */
export interface StreamCounts extends Pick<WriterStatus, "written" | "dropped" | "bytesWritten" | "state"> {
  /** Bytes that wait in the worker's own queue. */
  readonly queuedBytes: number;
  /** Entries lost of which the gap records are in that queue. */
  readonly untold: number;
  /** Bytes in the active segment. */
  readonly activeBytes: number;
  /** When the last write was completed, milliseconds since the epoch; 0 when none was. */
  readonly lastWriteMs: number;
}

/** One cell for each of these numbers. */
const cellsPerStream = 8;
const states: readonly WriterState[] = ["open", "degraded", "closed"];
/** Streams per table; further streams get further tables. */
export const streamsPerTable = 1024;

/**
 * The counters of streams that live in a worker, in memory that both threads see: asking for a status must not wait
 * for a thread that may hang in a slow disk. Read and written without a lock; each number is right at some moment.
 */
export class StreamCounters {
  readonly #cells: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.#cells = new Float64Array(memory);
  }

  /** Shared memory for one table. */
  static createMemory(): SharedArrayBuffer {
    return new SharedArrayBuffer(streamsPerTable * cellsPerStream * Float64Array.BYTES_PER_ELEMENT);
  }

  /** @param slot - 0 to {@link streamsPerTable} − 1. */
  publish(slot: number, status: StreamCounts): void {
    const base = slot * cellsPerStream;
    this.#cells[base] = status.written;
    this.#cells[base + 1] = status.dropped;
    this.#cells[base + 2] = status.bytesWritten;
    this.#cells[base + 3] = states.indexOf(status.state);
    this.#cells[base + 4] = status.queuedBytes;
    this.#cells[base + 5] = status.untold;
    this.#cells[base + 6] = status.activeBytes;
    this.#cells[base + 7] = status.lastWriteMs;
  }

  read(slot: number): StreamCounts {
    const base = slot * cellsPerStream;
    return {
      written: this.#cells[base] as number,
      dropped: this.#cells[base + 1] as number,
      bytesWritten: this.#cells[base + 2] as number,
      state: states[this.#cells[base + 3] as number] ?? "open",
      queuedBytes: this.#cells[base + 4] as number,
      untold: this.#cells[base + 5] as number,
      activeBytes: this.#cells[base + 6] as number,
      lastWriteMs: this.#cells[base + 7] as number,
    };
  }
}
