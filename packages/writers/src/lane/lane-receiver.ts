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
  kindAt,
  type LaneBuffers,
  type LaneViews,
  lengthAt,
  offsetAt,
  outcomeAt,
  publishedAt,
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
import {
  type LaneRequest,
  type LaneResult,
  outcomes,
  type RequestKind,
  requestKinds,
} from "./lane-requests.ts";

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

  /** Tells that nothing more comes from here. */
  end(): void {
    const { control } = this.#views;
    Atomics.store(control, endedAt, 1);
    Atomics.notify(control, endedAt);
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
