import { Transform } from "node:stream";
import { SpaceAccount } from "./space-account.ts";
import type { SpaceBudget } from "./space-budget.ts";
import { spaceExhausted } from "./space-exhausted.ts";

/** The bytes of one file that grows piece by piece, and that is removed again if not all of it fits. */
export class SpaceLoan {
  readonly #account: SpaceAccount;
  #takenBytes = 0;
  /** Passes on what is to be written, and fails with `WAYBILL_SPACE_EXHAUSTED` where that does not fit. */
  readonly meter: Transform;

  constructor(space: SpaceBudget) {
    this.#account = new SpaceAccount(space.memory);
    this.meter = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        if (!this.#account.take(chunk.length)) {
          done(spaceExhausted(chunk.length, this.#account.remainingBytes));
          return;
        }
        this.#takenBytes += chunk.length;
        done(null, chunk);
      },
    });
  }

  /** Call once. @param isKept - whether the file stays; else all is given back. */
  settle(isKept: boolean): void {
    this.#account.settle(this.#takenBytes, isKept ? this.#takenBytes : 0);
  }
}
