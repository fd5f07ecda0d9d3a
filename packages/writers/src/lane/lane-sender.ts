import {
  asleep,
  awaitedAt,
  awake,
  baseOf,
  completedAt,
  dozing,
  endedAt,
  entriesAt,
  haltedAt,
  isReached,
  kindAt,
  type LaneBuffers,
  type LaneViews,
  lengthAt,
  offsetAt,
  outcomeAt,
  publishedAt,
  requestsMax,
  restAt,
  signalAt,
  slotOf,
  streamAt,
  takenAt,
  timerStreamAt,
  tookAt,
  viewsOf,
  wakeWantedAt,
} from "./lane-memory.ts";
import { type LaneResult, type Outcome, outcomes, type RequestKind, requestKinds } from "./lane-requests.ts";

/**
 * The side that logs; one per lane. Requests are numbered upwards and completed in order; the lines of a request stay
 * where they are until {@link reclaim} has passed it.
 */
export class LaneSender {
  readonly #views: LaneViews;
  /** Where the lines of the next request begin. */
  #dataHead = 0;
  #bytesInUse = 0;
  /** Requests whose memory is in use, oldest first: their number, and where their lines end. */
  #inUse: { readonly number: number; readonly start: number; readonly end: number }[] = [];
  #published: number;

  constructor(buffers: LaneBuffers) {
    this.#views = viewsOf(buffers);
    this.#published = Atomics.load(this.#views.control, publishedAt);
  }

  /** Requests that were sent and not yet reclaimed. */
  get underWay(): number {
    return this.#inUse.length;
  }

  /**
   * Copies the lines into shared memory. A worker that looks for requests again by itself is not woken for `write`,
   * unless a quarter of the memory is in use; see {@link wakeUp}.
   *
   * @returns the number of the request, any 32-bit integer, 0 too; undefined when there is no room now.
   */
  send(kind: RequestKind, stream: number, lines?: Uint8Array, entries = 0): number | undefined {
    if (this.#inUse.length >= requestsMax - 1) return undefined;
    const length = lines?.length ?? 0;
    const start = this.#roomFor(length);
    if (start === undefined) return undefined;
    const { control, requests, data } = this.#views;
    if (lines !== undefined) data.set(lines, start);
    this.#dataHead = start + length;
    this.#published = (this.#published + 1) | 0;
    const base = baseOf(this.#published);
    requests[base + kindAt] = requestKinds.indexOf(kind);
    requests[base + streamAt] = stream;
    requests[base + offsetAt] = start;
    requests[base + lengthAt] = length;
    requests[base + entriesAt] = entries;
    this.#inUse.push({ number: this.#published, start, end: start + length });
    this.#bytesInUse += length;
    Atomics.store(control, publishedAt, this.#published);
    const isMuch = this.#bytesInUse * 4 >= data.length || this.#inUse.length * 4 >= requestsMax;
    this.#signal(kind !== "write" || isMuch);
    return this.#published;
  }

  /** Whether the worker is done with a request. */
  isCompleted(number: number): boolean {
    return isReached(number, Atomics.load(this.#views.control, completedAt));
  }

  /** Blocks this thread until the request is completed. @returns false when `timeoutMs` passed before. */
  waitFor(number: number, timeoutMs: number): boolean {
    const deadline = performance.now() + timeoutMs;
    const { control } = this.#views;
    if (this.isCompleted(number)) return true;
    this.wakeUp();
    Atomics.store(control, awaitedAt, 1);
    try {
      for (;;) {
        const completed = Atomics.load(control, completedAt);
        if (isReached(number, completed)) return true;
        const restMs = deadline - performance.now();
        if (restMs <= 0) return false;
        Atomics.wait(control, completedAt, completed, restMs);
      }
    } finally {
      Atomics.store(control, awaitedAt, 0);
    }
  }

  /** After {@link halt}: blocks until the worker has left its loop. @returns false when it did not within `timeoutMs`. */
  waitForEnd(timeoutMs: number): boolean {
    return Atomics.wait(this.#views.control, endedAt, 0, timeoutMs) !== "timed-out";
  }

  /** What became of a completed request. */
  resultOf(number: number): LaneResult {
    const { requests, results } = this.#views;
    const base = baseOf(number);
    return {
      outcome: outcomes[requests[base + outcomeAt] as number] as Outcome,
      tookMs: requests[base + tookAt] as number,
      lastSeq: results[slotOf(number)] as number,
    };
  }

  /** The lines of a request, before its memory is reclaimed. */
  linesOf(number: number): Uint8Array {
    const { requests, data } = this.#views;
    const base = baseOf(number);
    const offset = requests[base + offsetAt] as number;
    return data.subarray(offset, offset + (requests[base + lengthAt] as number));
  }

  /** Gives the memory of the oldest request back, which must be completed. Requests are reclaimed in order. */
  reclaim(): void {
    const oldest = this.#inUse.shift();
    if (oldest !== undefined) this.#bytesInUse -= oldest.end - oldest.start;
  }

  /** Has the worker look for requests now. */
  wakeUp(): void {
    if (Atomics.load(this.#views.control, restAt) !== awake) this.#signal(true);
  }

  /** Asks the worker to post a message when it next has nothing to do. */
  wantWake(): void {
    Atomics.store(this.#views.control, wakeWantedAt, 1);
    this.#signal(true);
  }

  /**
   * Keeps the worker from beginning any further request.
   *
   * @returns the number of the last completed request; the one after it may be being worked on (see {@link hasBegun}),
   * all later ones are not.
   */
  halt(): number {
    const { control } = this.#views;
    Atomics.store(control, haltedAt, 1);
    this.#signal(true);
    return Atomics.load(control, completedAt);
  }

  /** The stream whose timer the worker works on, outside of all requests. Certain after {@link halt} only. */
  timerStream(): number | undefined {
    const stream = Atomics.load(this.#views.control, timerStreamAt);
    return stream === 0 ? undefined : stream - 1;
  }

  /** Whether the worker may have begun a request. Certain after {@link halt} only. */
  hasBegun(number: number): boolean {
    return isReached(number, Atomics.load(this.#views.control, takenAt));
  }

  /**
   * Told before the look at how the worker rests, as the worker says how it will rest before it compares the signal: one
   * of the two sees the other, so that nothing waits for a worker that sleeps.
   */
  #signal(isUrgent: boolean): void {
    const { control } = this.#views;
    Atomics.add(control, signalAt, 1);
    const rest = Atomics.load(control, restAt);
    if (rest === asleep || (isUrgent && rest === dozing)) Atomics.notify(control, signalAt);
  }

  /** Where `length` bytes fit in one piece; undefined when they do not now. */
  #roomFor(length: number): number | undefined {
    const oldest = this.#inUse[0];
    const size = this.#views.data.length;
    if (oldest === undefined) return length <= size ? 0 : undefined;
    const tail = oldest.start;
    if (this.#dataHead >= tail) {
      if (this.#dataHead + length <= size) return this.#dataHead;
      return length < tail ? 0 : undefined;
    }
    return this.#dataHead + length < tail ? this.#dataHead : undefined;
  }
}
