import { severityOf } from "@waybill/protocols";
import type { LanePassage } from "./lane-passage.ts";
import { type LineSender, startingMs } from "./line-sender.ts";
import type { WaitBudget } from "./wait-budget.ts";

/** Milliseconds that an entry may wait until it is written. A disk slower than this is not waited for. */
const writeThroughMs = 20;

/** Has the entries of one stream written while the call that logs one of them waits. */
export class WriteThrough {
  readonly #sender: LineSender;
  readonly #passage: LanePassage;
  readonly #budget: WaitBudget;

  constructor(sender: LineSender, passage: LanePassage, budget: WaitBudget) {
    this.#sender = sender;
    this.#passage = passage;
    this.#budget = budget;
  }

  /** Whether a call may wait now: one for CRITICAL, the last words of an application, always may. */
  allows(severity: number): boolean {
    return severity >= severityOf.CRITICAL || this.#budget.allows(performance.now());
  }

  /** Sends what waits and waits until it is written, unless that takes too long. @returns whether all was sent. */
  perform(): boolean {
    const beganMs = performance.now();
    const { isStarting } = this.#passage;
    const msMax = isStarting ? startingMs : writeThroughMs;
    const isSent = this.#sender.sendWithin(msMax);
    if (isSent) this.#passage.waitForLines(msMax);
    // The start of the worker happens once, and says nothing of how long later waits are.
    if (!isStarting) this.#budget.spend(performance.now() - beganMs);
    return isSent;
  }
}
