import type { WaybillError, WriterStatus } from "@waybill/protocols";
import type { StreamWriter } from "../stream-writer.ts";
import { FlushWaiters } from "./flush-waiters.ts";
import type { LanePassage } from "./lane-passage.ts";
import type { RemoteFailures } from "./remote-failures.ts";
import { closeMsMax } from "./settled-within.ts";

/** The flushes and seals of one stream that somebody awaits, and what becomes of them. */
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

  /** @returns resolves when it is in a sealed segment; rejects after 5 s at most, though the worker may seal it yet. */
  async addSeal(): Promise<void> {
    const isMade = await this.#waiters.addSeal(this.#status().dropped, closeMsMax);
    if (!isMade) throw this.#failures.notSealed();
  }

  /** Requests one flush of the worker for all who wait. @returns whether there was room for it. */
  request(): boolean {
    const waiters = this.#waiters.take();
    const isSent = this.#passage.sendFlush(waiters.kind, (result) => {
      // Without a result the worker is gone: they are asked again of who takes over.
      if (result === undefined) this.#waiters.putBack(waiters);
      else this.#settle(waiters, this.#failures.of(result, this.#status().queued));
    });
    if (!isSent) this.#waiters.putBack(waiters);
    return isSent;
  }

  /** Has it done in this thread for all who wait. */
  performBy(inline: StreamWriter): void {
    const waiters = this.#waiters.take();
    this.#settle(waiters, waiters.kind === "seal" ? inline.sealNow() : inline.flushNow());
  }

  /** Tells all who wait that it did not happen. */
  rejectAll(): void {
    this.#waiters.rejectAll(this.#failures.flushFailed(this.#status().queued));
  }

  #settle(waiters: FlushWaiters, failure: WaybillError | undefined): void {
    waiters.settle(failure, this.#status().dropped, (lost) => this.#failures.flushFailed(lost));
  }
}
