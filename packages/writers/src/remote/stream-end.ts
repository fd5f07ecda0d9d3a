import type { EntryIntake } from "../entry-intake.ts";
import type { Predecessor } from "../predecessor.ts";
import type { QueueBounds } from "../queue-bounds.ts";
import type { LanePassage } from "./lane-passage.ts";
import { leaveWorker } from "./leave-worker.ts";
import type { RemoteFailures } from "./remote-failures.ts";
import type { RemoteFlushes } from "./remote-flushes.ts";
import { closeMsMax, settledWithin } from "./settled-within.ts";

/** What an end works with: the parts of one stream. */
export interface StreamEndParts {
  readonly intake: EntryIntake;
  readonly bounds: QueueBounds;
  readonly passage: LanePassage;
  readonly flushes: RemoteFlushes;
  readonly failures: RemoteFailures;
  /** Entries that are accepted and neither written nor dropped, by the counters. */
  readonly queued: () => number;
  /** Flushes everything. */
  readonly flush: () => Promise<void>;
  /** Closes the writer that goes on in this thread, if one does. */
  readonly closeInline: () => Promise<void> | undefined;
  /** Who may still write to the files. */
  readonly before: () => Predecessor | undefined;
}

/** The end of a stream: flushes it, closes its files, and gives up after 5 s, while the files are let go behind it. */
export class StreamEnd {
  readonly #parts: StreamEndParts;
  #release: Promise<void> | undefined;
  /** Nothing is taken any more, and nobody waits. */
  isReached = false;
  /** Nobody writes to the files any more. */
  isReleased = false;

  constructor(parts: StreamEndParts) {
    this.#parts = parts;
  }

  get released(): Promise<void> {
    return this.#release ?? new Promise(() => undefined);
  }

  /** @throws {WaybillError} `WAYBILL_FLUSH_FAILED`, `WAYBILL_SYNC_FAILED`; the stream has ended all the same. */
  async reach(): Promise<void> {
    const { intake, bounds, passage, flushes, failures, queued, before } = this.#parts;
    passage.hold();
    const work = this.#flushAndLeave();
    this.#release = Promise.allSettled([work, before()?.released]).then(() => {
      this.isReleased = true;
    });
    try {
      const isSettled = await settledWithin(work, closeMsMax);
      if (!isSettled) throw failures.flushFailed(queued());
    } finally {
      this.isReached = true;
      passage.release();
      passage.counts.leave();
      intake.queue.clear();
      // What did not come into a file by now; of a worker that hangs, it may yet.
      intake.dropped += Math.max(0, queued());
      bounds.forget();
      flushes.rejectAll();
    }
  }

  /** The same at once, of a stream of which nothing is left in memory and nobody is at the files. */
  reachSaved(): Promise<void> {
    this.isReached = true;
    this.isReleased = true;
    this.#release = Promise.resolve();
    this.#parts.bounds.forget();
    return this.#release;
  }

  async #flushAndLeave(): Promise<void> {
    const { passage, flush, closeInline } = this.#parts;
    try {
      await flush();
    } finally {
      await leaveWorker(passage, () => this.isReached);
      passage.leave();
      await closeInline();
    }
  }
}
