import type { Clock } from "@waybill/protocols";
import type { EntryIntake } from "./entry-intake.ts";
import type { QueueBudget } from "./queue-budget.ts";
import { hasStackRoom } from "./stack-room.ts";
import type { ResolvedStreamOptions } from "./writer-options.ts";

/** How much of a full queue stays after dropping; the rest is room until the next time. */
const keptShareOfQueue = 0.75;
/** Milliseconds between two tries while a caller waits for room. */
const blockStepMs = 5;

/** What the bounds of a queue work with. */
export interface QueueBoundsPorts {
  readonly clock: Clock;
  readonly budget: QueueBudget;
  /** Tries to write what waits. May take up to so many milliseconds, and must take some when nothing can be done. */
  readonly makeRoom: (msMax: number) => void;
}

/** Keeps the queue of one stream within its own limit and that of all streams, by the policy that was chosen. */
export class QueueBounds {
  readonly #intake: EntryIntake;
  readonly #options: ResolvedStreamOptions;
  readonly #ports: QueueBoundsPorts;

  constructor(intake: EntryIntake, options: ResolvedStreamOptions, ports: QueueBoundsPorts) {
    this.#intake = intake;
    this.#options = options;
    this.#ports = ports;
  }

  /**
   * Drops what the policy says, if that must be.
   *
   * @param seq - of the entry that came last.
   * @param reason - for the gap record.
   * @returns whether that entry is still in the queue, or written.
   */
  keep(seq: number, reason: string): boolean {
    if (this.areKept() || !hasStackRoom()) return true;
    const { queue } = this.#intake;
    const { queueBytesMax, overflow } = this.#options;
    if (overflow === "block" && this.#waitForRoom()) return true;
    const limit = Math.min(queueBytesMax, queue.length);
    const order = overflow === "drop_oldest" ? "oldest" : "least_severe";
    this.#intake.dropped += queue.dropDownTo(Math.floor(limit * keptShareOfQueue), reason, order);
    this.#ports.budget.note(this, queue.length);
    return queue.has(seq);
  }

  /** Gives the room back to all streams: nothing waits any more. */
  forget(): void {
    this.#ports.budget.forget(this);
  }

  /** Whether the queue is within its own limit and that of all streams. */
  areKept(): boolean {
    const { length } = this.#intake.queue;
    return this.#ports.budget.note(this, length) && length <= this.#options.queueBytesMax;
  }

  #waitForRoom(): boolean {
    const { clock, makeRoom } = this.#ports;
    let leftMs = this.#options.blockMsMax;
    while (leftMs > 0) {
      const stepMs = Math.min(blockStepMs, leftMs);
      const beganUs = clock.monotonicUs();
      makeRoom(stepMs);
      if (this.areKept()) return true;
      // A clock that stands, as a test's may, must not make this endless.
      leftMs -= Math.max(stepMs, (clock.monotonicUs() - beganUs) / 1000);
    }
    return false;
  }
}
