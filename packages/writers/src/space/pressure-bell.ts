import { SpaceAccount } from "./space-account.ts";
import type { SpaceBudget } from "./space-budget.ts";

/** Tells the application that space runs out: on its own thread, once until it has set or added some. */
export class PressureBell {
  readonly #account: SpaceAccount | undefined;
  readonly #onPressure: () => void;
  #rungAt: number | undefined;

  constructor(space: SpaceBudget | undefined, onPressure: () => void) {
    this.#account = space && new SpaceAccount(space.memory);
    this.#onPressure = onPressure;
  }

  /**
   * A thread has run short. Afterwards, not in the midst of its write: who is told may log, or make room.
   *
   * @param grants - those of the account at that moment. Room made since may be enough; else a thread says so anew.
   */
  ring(grants: number): void {
    if (grants === this.#rungAt || grants !== this.#account?.grants) return;
    this.#rungAt = grants;
    queueMicrotask(this.#onPressure);
  }
}
