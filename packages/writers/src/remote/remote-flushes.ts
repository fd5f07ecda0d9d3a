import type { WaybillError, WriterStatus } from "@waybill/protocols";
import { FlushWaiters } from "./flush-waiters.ts";
import type { LanePassage } from "./lane-passage.ts";
import type { RemoteFailures } from "./remote-failures.ts";

/** The flushes of one stream that somebody awaits, and what becomes of them. */
export class RemoteFlushes {
  readonly #passage: LanePassage;
  readonly #failures: RemoteFailures;
  readonly #status: () => WriterStatus;
  readonly #waiters = new FlushWaiters();

  /** @param status - of the stream, now. */
  constructor(passage: LanePassage, failures: RemoteFailures, status: () => WriterStatus) {
    this.#passage = passage;
    this.#failures = failures;
    this.#status = status;
  }

  /** Whether somebody waits for a flush that has not been requested. */
  get areAwaited(): boolean {
    return this.#waiters.size > 0;
  }

  /** @returns resolves when everything accepted by now is flushed. */
  add(): Promise<void> {
    return this.#waiters.add(this.#status().dropped);
  }

  /** Requests one flush of the worker for all who wait. @returns whether there was room for it. */
  request(): boolean {
    const waiters = this.#waiters.take();
    const isSent = this.#passage.sendFlush((result) => {
      // Without a result the worker is gone: they are asked again of who takes over.
      if (result === undefined) this.#waiters.putBack(waiters);
      else this.#settle(waiters, this.#failures.of(result, this.#status().queued));
    });
    if (!isSent) this.#waiters.putBack(waiters);
    return isSent;
  }

  /** Tells all who wait what became of a flush in this thread. @param failure - undefined when it was made. */
  settle(failure: WaybillError | undefined): void {
    this.#settle(this.#waiters, failure);
  }

  /** Tells all who wait that it did not happen. */
  rejectAll(): void {
    this.#waiters.rejectAll(this.#failures.flushFailed(this.#status().queued));
  }

  #settle(waiters: FlushWaiters, failure: WaybillError | undefined): void {
    waiters.settle(failure, this.#status().dropped, (lost) => this.#failures.flushFailed(lost));
  }
}
