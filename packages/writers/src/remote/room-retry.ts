import type { Clock } from "@waybill/protocols";

/** Milliseconds between two looks for room: at first, and when many looks in a row have found none. */
const roomRetryMsMin = 5;
const roomRetryMsMax = 80;

/**
 * Nobody tells when there is room again for lines, and who awaits a flush need not wait for a whole interval. Looks
 * grow rarer as long as they find none: 5,000 streams that each looked every 5 ms took a whole core.
 */
export class RoomRetry {
  readonly #clock: Clock;
  readonly #look: () => void;
  #isSet = false;
  #waitMs = roomRetryMsMin;

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
    }, this.#waitMs);
    this.#waitMs = Math.min(roomRetryMsMax, this.#waitMs * 2);
  }

  /** There was room: the next time looks begin anew. */
  noteRoom(): void {
    this.#waitMs = roomRetryMsMin;
  }
}
