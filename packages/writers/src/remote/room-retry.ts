import type { Clock } from "@waybill/protocols";

/** Milliseconds between two looks for room. */
const roomRetryMs = 5;

/** Nobody tells when there is room again for lines, and who awaits a flush need not wait for a whole interval. */
export class RoomRetry {
  readonly #clock: Clock;
  readonly #look: () => void;
  #isSet = false;

  constructor(clock: Clock, look: () => void) {
    this.#clock = clock;
    this.#look = look;
  }

  /** Has one look be taken soon. */
  set(): void {
    if (this.#isSet) return;
    this.#isSet = true;
    this.#clock.setTimer(() => {
      this.#isSet = false;
      this.#look();
    }, roomRetryMs);
  }
}
