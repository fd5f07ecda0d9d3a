import type { LaneSeat } from "../lane/lane-set.ts";
import type { StreamCounts } from "../lane/stream-counters.ts";

/** What the workers of one stream have counted, in its present seat and in those that it has left. */
export class SeatCounts {
  #seat: LaneSeat | undefined;
  #past = { written: 0, dropped: 0, bytesWritten: 0, activeBytes: 0, lastWriteMs: 0 };

  /** From now on counts what the worker tells in this seat. */
  take(seat: LaneSeat): void {
    this.#seat = seat;
  }

  /** What is told from now on is not counted. */
  leave(): void {
    this.#past = { ...this.total() };
    this.#seat = undefined;
  }

  /** Now and before. */
  total(): Pick<StreamCounts, "written" | "dropped" | "bytesWritten" | "activeBytes" | "lastWriteMs"> {
    const now = this.now();
    if (now === undefined) return this.#past;
    return {
      written: this.#past.written + now.written,
      dropped: this.#past.dropped + now.dropped,
      bytesWritten: this.#past.bytesWritten + now.bytesWritten,
      activeBytes: now.activeBytes,
      lastWriteMs: Math.max(this.#past.lastWriteMs, now.lastWriteMs),
    };
  }

  /** In the present seat; undefined outside. */
  now(): StreamCounts | undefined {
    return this.#seat?.counters.read(this.#seat.slot);
  }

  /** Corrects what was written: a worker may write and not count, or count and have it found once more. */
  addWritten(entries: number): void {
    this.#past.written += entries;
  }
}
