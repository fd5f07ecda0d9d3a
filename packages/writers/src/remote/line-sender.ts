import type { Clock } from "@waybill/protocols";
import { sleepBlocking } from "../blocking-sleep.ts";
import type { EntryIntake } from "../entry-intake.ts";
import type { Outcome, ResultListener } from "../lane/lane-requests.ts";
import { hasStackRoom } from "../stack-room.ts";
import type { ResolvedStreamOptions } from "../writer-options.ts";
import type { LanePassage } from "./lane-passage.ts";
import { sendableBytes } from "./sendable-bytes.ts";
import type { WrittenAges } from "./written-ages.ts";

/** So much may wait here before the thread that logs waits for the worker, for a moment. */
const patienceBytes = 262_144;
/** Milliseconds that one call may wait for a worker that is busy but alive. */
const roomWaitMs = 5;
/** The same, and for an ERROR to be written, while the worker starts, which takes some tens of milliseconds once. */
export const startingMs = 500;
/** A worker that has completed nothing for so long, in milliseconds, is not waited for by the thread that logs. */
const stalledMs = 50;
/** Milliseconds for which a worker may complete nothing before the end of the process, or of the pool, gives it up. */
export const exitWaitMs = 2000;

/** Sends the lines that wait to the worker, as far as there is room, and decides how long the caller waits for that. */
export class LineSender {
  readonly #intake: EntryIntake;
  readonly #passage: LanePassage;
  readonly #options: ResolvedStreamOptions;
  readonly #clock: Clock;
  readonly #ages: WrittenAges | undefined;

  /** @param ages - undefined when nobody wants to know them. */
  constructor(
    intake: EntryIntake,
    passage: LanePassage,
    options: ResolvedStreamOptions,
    clock: Clock,
    ages?: WrittenAges,
  ) {
    this.#intake = intake;
    this.#ages = ages;
    this.#passage = passage;
    this.#options = options;
    this.#clock = clock;
  }

  /** Whether the caller has chosen to wait for a file that cannot be written, and the worker holds enough of it. */
  get isHeldBack(): boolean {
    const { overflow, queueBytesMax } = this.#options;
    const isChosen = overflow === "block" && this.#passage.isDegraded;
    return isChosen && this.#passage.queuedBytes >= queueBytesMax / 2;
  }

  /** @param isLast - nobody waits for room any more. @returns whether nothing waits here any more. */
  send(isLast = false): boolean {
    if (!hasStackRoom()) return false;
    const { queue } = this.#intake;
    const isRequested = this.#passage.advance(queue.source);
    queue.detachEncoding();
    while (queue.length > 0) {
      if (!isLast && this.isHeldBack) return false;
      const length = sendableBytes(queue.bytes, queue.length);
      const bytes = queue.bytes.subarray(0, length);
      if (!this.#passage.sendLines({ bytes, entries: queue.entriesIn(length) }, this.#noteAge()))
        return false;
      queue.consume(length);
    }
    return isRequested;
  }

  #noteAge(): ResultListener | undefined {
    const { oldestMs } = this.#intake.queue;
    return this.#ages && ((result) => this.#ages?.note(result, oldestMs));
  }

  /** Gives a worker that is merely busy a moment, then sends. @returns whether nothing waits any more. */
  sendPatiently(): boolean {
    const { isStarting } = this.#passage;
    const isAlive = this.#passage.stalledMs() < (isStarting ? startingMs : stalledMs);
    return isAlive && this.#passage.waitForStep(isStarting ? startingMs : roomWaitMs) && this.send();
  }

  /** Whether so much waits that the caller should wait a moment. */
  get isTooMuch(): boolean {
    return this.#intake.queue.length >= patienceBytes;
  }

  /** For the last moment: waits as long as the worker completes anything. @returns whether all was flushed. */
  flushAll(): boolean {
    while (this.#sendAll()) {
      const outcome = this.#flushNow();
      if (outcome !== "again") return outcome === "done";
    }
    return false;
  }

  /** @returns how the flush ended; `again` when the stream is in another lane now; undefined when it was not made. */
  #flushNow(): Outcome | "again" | undefined {
    let outcome: Outcome | "again" | undefined;
    const noteResult: ResultListener = (result) => {
      outcome = result?.outcome ?? "again";
    };
    while (!this.#passage.sendFlush("flush", noteResult)) {
      if (!this.#passage.waitForStep(exitWaitMs, true)) return undefined;
    }
    while (outcome === undefined) {
      if (!this.#passage.waitForStep(exitWaitMs, true)) return undefined;
    }
    return outcome;
  }

  #sendAll(): boolean {
    while (!this.send(true) || this.#passage.stage !== "open") {
      if (!this.#passage.waitForStep(exitWaitMs, true)) return false;
    }
    return true;
  }

  /** @returns whether all was sent before the time was over. */
  sendWithin(msMax: number): boolean {
    const deadlineUs = this.#clock.monotonicUs() + msMax * 1000;
    while (!this.send() || this.#passage.stage !== "open") {
      const restMs = (deadlineUs - this.#clock.monotonicUs()) / 1000;
      const isStalled = this.#passage.stalledMs() >= Math.max(stalledMs, msMax);
      if (restMs <= 0 || isStalled || !this.#passage.waitForStep(restMs)) return false;
    }
    return true;
  }

  /** Waits for room in the worker, or for the files to be opened. */
  makeRoom(msMax: number): void {
    this.#passage.openAgain();
    if (!this.#passage.waitForStep(msMax)) sleepBlocking(msMax);
    this.send();
  }
}
