import { HangWatch } from "./hang-watch.ts";
import { LaneAllowance } from "./lane-allowance.ts";
import { createLaneBuffers } from "./lane-memory.ts";
import type { LaneEvent, LaneStreamMessage } from "./lane-messages.ts";
import { endingKinds, type LaneLines, type RequestKind, type ResultListener } from "./lane-requests.ts";
import { LaneSender } from "./lane-sender.ts";
import type { Takeover } from "./lane-takeover.ts";
import { LaneThread } from "./lane-thread.ts";
import type { WorkerLaneOptions } from "./worker-lane-options.ts";

/** Lines under way between the threads, bytes: some tens of milliseconds of the fastest producer. */
const laneDataBytes = 8_388_608;
/** Milliseconds that a worker is given to end; one that hangs in a disk cannot even be terminated. */
const endMsMax = 5000;
/** An event may make the application log, and wait, and so hear the next: not for ever deeper. */
const nestedDeliveriesMax = 16;

interface UnderWay {
  readonly number: number;
  readonly stream: number;
  readonly kind: RequestKind;
  readonly onResult: ResultListener | undefined;
}

/** One worker thread that writes the files of many streams, and the way to it. Requests are performed in order. */
export class WorkerLane {
  readonly #sender: LaneSender;
  readonly #thread: LaneThread;
  readonly #options: WorkerLaneOptions;
  /** What the worker may use, from its next request on. */
  readonly allowance: LaneAllowance;
  /** One number: the open files of the worker. */
  readonly #descriptors = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #underWay: UnderWay[] = [];
  /** Deliveries of results, in order, before which events are told. */
  readonly #held: (() => void)[] = [];
  /** Deliveries of events that are under way, each in a callback of the one before. */
  #deliveries = 0;
  readonly #watch: HangWatch;
  #isWakeWanted = false;
  #isReaping = false;
  /** It is being taken over, or was: a callback on the way must not begin that anew. */
  #isLeft = false;
  /** No request is made any more. */
  #isStopped = false;
  #isClosing = false;
  /** The thread is gone. */
  #isEnded = false;
  #lastProgressMs = 0;
  #holders = 0;
  #isStarting = true;

  constructor(options: WorkerLaneOptions) {
    this.#options = options;
    const buffers = createLaneBuffers(laneDataBytes);
    this.#sender = new LaneSender(buffers);
    this.#watch = new HangWatch(() => (this.#isStopped ? 0 : this.stalledMs()), options.onHang);
    const { limits, holder, idleCloseMs, space } = options;
    const allowance = LaneAllowance.createMemory(options.allowance);
    this.allowance = new LaneAllowance(allowance);
    const descriptors = this.#descriptors.buffer;
    this.#thread = new LaneThread(
      { buffers, allowance, idleCloseMs, descriptors, limits, holder, space },
      { onEvent: (event) => this.#onEvent(event), onEnd: () => this.#onEnd() },
    );
  }

  /** Makes a stream known under an index that is not used again. */
  add(message: LaneStreamMessage): void {
    this.#thread.post(message);
  }

  /**
   * @param lines - copied before this returns.
   * @returns the number of the request; undefined when there is no room, or no worker any more.
   */
  request(
    kind: RequestKind,
    stream: number,
    onResult?: ResultListener,
    lines?: LaneLines,
  ): number | undefined {
    if (this.#isStopped) return undefined;
    this.#collect();
    const number = this.#sender.send(kind, stream, lines?.bytes, lines?.entries);
    if (number === undefined) return undefined;
    if (this.#underWay.length === 0) this.#lastProgressMs = performance.now();
    this.#watch.begin();
    this.#underWay.push({ number, stream, kind, onResult });
    // What became of lines is delivered with the next request; nobody waits for it.
    if (!this.#isWakeWanted && kind !== "write") {
      this.#isWakeWanted = true;
      this.#sender.wantWake();
    }
    return number;
  }

  /** Has the worker look for requests now, which it else does within some milliseconds. */
  wakeUp(): void {
    if (!this.#isStopped) this.#sender.wakeUp();
  }

  /** Whether the worker has neither died nor been closed, nor is it being taken over or was. */
  get isOpen(): boolean {
    return !this.#isStopped && !this.#isLeft && !this.#isEnded;
  }

  /** Whether a request for another stream is under way. */
  isAskedBeside(stream: number | undefined): boolean {
    return this.#underWay.some((request) => request.stream !== stream);
  }

  /** Files that the worker has open. */
  get descriptors(): number {
    return this.#isEnded ? 0 : Atomics.load(this.#descriptors, 0);
  }

  /** Whether the worker has not yet completed anything. */
  get isStarting(): boolean {
    return this.#isStarting;
  }

  /** The stream that the worker works on at this moment, as far as can be told. */
  get busyStream(): number | undefined {
    const oldest = this.#underWay[0];
    const hasBegun = oldest !== undefined && this.#sender.hasBegun(oldest.number);
    return hasBegun ? oldest.stream : this.#sender.timerStream();
  }

  /**
   * Keeps the process alive until {@link release}: somebody awaits a result, or, of a worker that was taken over, that it
   * comes back.
   */
  hold(): void {
    if (this.#holders++ === 0) this.#thread.ref();
  }

  release(): void {
    if (--this.#holders === 0) this.#thread.unref();
  }

  /** Whether the worker is done with a request; its result may not have been delivered yet. */
  isCompleted(number: number): boolean {
    return this.#sender.isCompleted(number);
  }

  /**
   * Blocks until a request is completed, and delivers what is.
   *
   * @returns false when `timeoutMs` passed before, or there is no worker any more.
   */
  waitFor(number: number, timeoutMs: number): boolean {
    const isCompleted = this.#sender.waitFor(number, this.#isStopped ? 0 : timeoutMs);
    this.reap();
    return isCompleted;
  }

  /**
   * Blocks until a request is completed, however long that takes, as long as the worker completes anything.
   *
   * @returns false when it has completed nothing for `stalledMsMax`, or there is no worker any more.
   */
  waitWhileAlive(number: number, stalledMsMax: number): boolean {
    for (;;) {
      const stalledMs = this.stalledMs();
      if (this.waitFor(number, stalledMsMax - stalledMs)) return true;
      if (this.#isStopped || this.stalledMs() >= stalledMsMax) return false;
    }
  }

  /** Blocks until anything is completed. @returns false when nothing was within `timeoutMs`, or is under way. */
  waitForProgress(timeoutMs: number): boolean {
    if (this.#held.length > 0) {
      this.reap();
      return true;
    }
    const oldest = this.#underWay[0];
    return oldest !== undefined && this.waitFor(oldest.number, timeoutMs);
  }

  /** Delivers what the worker has told, at a moment when the event loop does not. */
  deliverEvents(): void {
    if (this.#deliveries >= nestedDeliveriesMax) return;
    this.#deliveries++;
    try {
      for (;;) {
        const event = this.#thread.receive();
        if (event === undefined) return;
        this.#onEvent(event);
      }
    } finally {
      this.#deliveries--;
    }
  }

  /** Delivers the results that have come in since, and before each the events that came before it. */
  reap(): void {
    this.#collect();
    for (;;) {
      if (this.#held.length === 0) return;
      this.deliverEvents();
      this.#held.shift()?.();
    }
  }

  /**
   * Takes the results that have come in since. Those that end something are held back for {@link reap}: whoever hears
   * them must have heard all events before, and those call the application, which is not for the midst of a request.
   */
  #collect(): void {
    if (this.#isReaping) return;
    this.#isReaping = true;
    try {
      for (;;) {
        const oldest = this.#underWay[0];
        if (oldest === undefined || !this.#sender.isCompleted(oldest.number)) return;
        this.#underWay.shift();
        this.#isStarting = false;
        this.#lastProgressMs = performance.now();
        const result = this.#sender.resultOf(oldest.number);
        this.#sender.reclaim();
        if (endingKinds.has(oldest.kind)) this.#held.push(() => oldest.onResult?.(result));
        else oldest.onResult?.(result);
      }
    } finally {
      this.#isReaping = false;
    }
  }

  /** Milliseconds for which nothing was completed although something is under way; 0 when idle. */
  stalledMs(): number {
    this.#collect();
    return this.#underWay.length === 0 ? 0 : performance.now() - this.#lastProgressMs;
  }

  /** Keeps the worker from beginning anything more, and hands out what it leaves undone. */
  takeOver(): Takeover {
    this.#isLeft = true;
    this.deliverEvents();
    this.#sender.halt();
    this.reap();
    this.#isStopped = true;
    const { busyStream } = this;
    const underWay = this.#underWay.splice(0);
    const abandoned = underWay.map(({ number, stream, kind }) => ({
      ...{ stream, kind },
      lines: Uint8Array.from(this.#sender.linesOf(number)),
    }));
    for (const { onResult } of underWay) onResult?.(undefined);
    return { abandoned, busyStream: this.#isEnded ? undefined : busyStream };
  }

  /** Milliseconds for which it has completed nothing, taken over or not. */
  get silentMs(): number {
    return performance.now() - this.#lastProgressMs;
  }

  /** After {@link takeOver}: blocks until the worker has come back from where it hung. @returns whether it has. */
  waitForEnd(timeoutMs: number): boolean {
    if (!this.#sender.waitForEnd(timeoutMs)) return false;
    this.#onEnd();
    return true;
  }

  /** Ends the worker after what is under way, or leaves it to the end of the process if it hangs. */
  async close(): Promise<void> {
    if (this.#isStopped) return;
    this.#isClosing = true;
    const number = this.#sender.send("stop", -1);
    if (number === undefined) this.#sender.halt();
    this.#isStopped = true;
    await this.#thread.ended(Math.max(0, endMsMax - this.stalledMs()));
    this.#sender.halt();
    this.deliverEvents();
    // Of one that hangs, the end is to be told yet.
    this.#isClosing = false;
    this.#thread.closePort();
  }

  #onEvent(event: LaneEvent): void {
    if (event.kind !== "idle") {
      this.#options.onEvent(event);
      return;
    }
    this.reap();
    // What was requested after the worker had sent this wants a message of its own.
    this.#isWakeWanted = this.#underWay.some(({ kind }) => kind !== "write");
    if (this.#isWakeWanted) this.#sender.wantWake();
  }

  #onEnd(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.deliverEvents();
    if (!this.#isClosing) this.#options.onEnd();
  }
}
