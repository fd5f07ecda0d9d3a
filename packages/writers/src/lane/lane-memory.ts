import {
  type LaneRequest,
  type LaneResult,
  type Outcome,
  outcomes,
  type RequestKind,
  requestKinds,
} from "./lane-requests.ts";

/** Requests that may be under way at once; a power of two, because numbers wrap around. */
const requestsMax = 4096;
const intsPerRequest = 8;
/** Positions in `control`. */
const publishedAt = 0;
const completedAt = 1;
const wakeWantedAt = 2;
/** Changes with every reason for the worker to look: it sleeps on this, so that no reason is missed. */
const signalAt = 3;
const haltedAt = 4;
const takenAt = 5;
/** Whether the worker rests, and how: a wake-up costs some microseconds, so it is spared where it changes nothing. */
const restAt = 6;
/** 1 while the side that logs is blocked until something is completed. */
const awaitedAt = 7;
/** The stream for which a timer runs, or 0: see {@link LaneReceiver.beginTimer}. */
const timerStreamAt = 8;
const controlInts = 9;
/** Values at `restAt`: it looks for requests, looks again within milliseconds by itself, or sleeps until it is woken. */
const awake = 0;
const dozing = 1;
const asleep = 2;
/** Positions within one request. */
const kindAt = 0;
const streamAt = 1;
const offsetAt = 2;
const lengthAt = 3;
const outcomeAt = 4;
const tookAt = 5;
const entriesAt = 6;

/** The shared memory of one lane, as it is handed to its worker. */
export interface LaneBuffers {
  readonly control: SharedArrayBuffer;
  readonly requests: SharedArrayBuffer;
  readonly results: SharedArrayBuffer;
  readonly data: SharedArrayBuffer;
}

/**
 * @param dataBytes - room for lines under way, bytes. Lines of one request must fit in one piece.
 * @param lastNumber - the requests are numbered from the one after it, 32-bit. Default 0.
 */
export function createLaneBuffers(dataBytes: number, lastNumber = 0): LaneBuffers {
  const control = new SharedArrayBuffer(controlInts * Int32Array.BYTES_PER_ELEMENT);
  const counters = new Int32Array(control);
  counters[publishedAt] = lastNumber;
  counters[completedAt] = lastNumber;
  counters[takenAt] = lastNumber;
  return {
    control,
    requests: new SharedArrayBuffer(requestsMax * intsPerRequest * Int32Array.BYTES_PER_ELEMENT),
    results: new SharedArrayBuffer(requestsMax * Float64Array.BYTES_PER_ELEMENT),
    data: new SharedArrayBuffer(dataBytes),
  };
}

/** The arrays over the shared memory that both sides use. */
interface LaneViews {
  readonly control: Int32Array;
  readonly requests: Int32Array;
  readonly results: Float64Array;
  readonly data: Uint8Array;
}

function viewsOf(buffers: LaneBuffers): LaneViews {
  return {
    control: new Int32Array(buffers.control),
    requests: new Int32Array(buffers.requests),
    results: new Float64Array(buffers.results),
    data: new Uint8Array(buffers.data),
  };
}

/** Request numbers are 32-bit and wrap around, so the sign of their difference tells which came first. */
function isReached(number: number, counter: number): boolean {
  return ((counter - number) | 0) >= 0;
}

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

/** The side that writes; one per lane. */
export class LaneReceiver {
  readonly #views: LaneViews;
  #taken: number;

  constructor(buffers: LaneBuffers) {
    this.#views = viewsOf(buffers);
    this.#taken = Atomics.load(this.#views.control, completedAt);
  }

  /**
   * Takes the next request out; undefined when there is none or the sender has halted the lane. Complete a request
   * before taking the next: what {@link LaneSender.halt} tells relies on it.
   */
  take(): LaneRequest | undefined {
    const { control, requests, data } = this.#views;
    if (this.#taken === Atomics.load(control, publishedAt)) return undefined;
    const number = (this.#taken + 1) | 0;
    // Told before the look, as the sender halts before it asks: one of the two sees the other, so that a request of
    // which the sender is told that it has not begun never does.
    Atomics.store(control, takenAt, number);
    if (Atomics.load(control, haltedAt) === 1) return undefined;
    this.#taken = number;
    const base = baseOf(number);
    const offset = requests[base + offsetAt] as number;
    return {
      number,
      kind: requestKinds[requests[base + kindAt] as number] as RequestKind,
      stream: requests[base + streamAt] as number,
      bytes: data.subarray(offset, offset + (requests[base + lengthAt] as number)),
      entries: requests[base + entriesAt] as number,
    };
  }

  /** Whether the sender has taken the work over: nothing may be written any more. */
  get isHalted(): boolean {
    return Atomics.load(this.#views.control, haltedAt) === 1;
  }

  /**
   * Tells that a timer of a stream begins to work on its files, before it looks whether the lane is halted, as the
   * sender halts before it asks: one of the two sees the other.
   *
   * @returns false when the lane is halted: it must not begin.
   */
  beginTimer(stream: number): boolean {
    Atomics.store(this.#views.control, timerStreamAt, stream + 1);
    return !this.isHalted;
  }

  endTimer(): void {
    Atomics.store(this.#views.control, timerStreamAt, 0);
  }

  /** What {@link doze} and {@link sleep} compare with; read it before looking for requests. */
  signal(): number {
    return Atomics.load(this.#views.control, signalAt);
  }

  /** Blocks this thread until there was a signal since `seen`, at most `timeoutMs`. */
  sleep(seen: number, timeoutMs: number): void {
    this.#rest(asleep, seen, timeoutMs);
  }

  /** As {@link sleep}, but lines alone do not end it: for a time so short that they can wait. */
  doze(seen: number, timeoutMs: number): void {
    this.#rest(dozing, seen, timeoutMs);
  }

  #rest(how: number, seen: number, timeoutMs: number): void {
    const { control } = this.#views;
    Atomics.store(control, restAt, how);
    Atomics.wait(control, signalAt, seen, timeoutMs);
    Atomics.store(control, restAt, awake);
  }

  /** Whether the sender asked to be woken; asks once. */
  takeWakeWanted(): boolean {
    return Atomics.exchange(this.#views.control, wakeWantedAt, 0) === 1;
  }

  complete(number: number, result: LaneResult): void {
    const { control, requests, results } = this.#views;
    const base = baseOf(number);
    requests[base + outcomeAt] = outcomes.indexOf(result.outcome);
    requests[base + tookAt] = Math.round(result.tookMs);
    results[slotOf(number)] = result.lastSeq;
    Atomics.store(control, completedAt, number);
    if (Atomics.load(control, awaitedAt) === 1) Atomics.notify(control, completedAt);
  }
}

function slotOf(number: number): number {
  return number & (requestsMax - 1);
}

function baseOf(number: number): number {
  return slotOf(number) * intsPerRequest;
}
