/** What of a burst is kept for errors. */
const reserveShare = 0.1;
/** What of a burst must have come together again before others are let through, once it was used up. */
const reopenShare = 0.1;

/**
 * Tokens that come at a steady rate and are saved up for some seconds, in two purses: one for all entries, one for
 * errors alone. That for errors is filled first, so that the rate holds for both together. The one for all may be in
 * debt, which is paid before anything is let through.
 *
 * Pure: times are handed in. Each purse holds one token at least, so that at any rate something comes through.
 *
 * @see RFC 2697, "A Single Rate Three Color Marker": two buckets that one rate fills in turn
 */
export class TokenBucket {
  readonly #perUs: number;
  readonly #purseMax: number;
  readonly #reserveMax: number;
  readonly #reopenAt: number;
  #purse: number;
  #reserve: number;
  #filledUs: number;

  constructor(perSecond: number, burstSeconds: number, nowUs: number) {
    const burst = perSecond * burstSeconds;
    this.#perUs = perSecond / 1_000_000;
    this.#purseMax = Math.max(1, burst * (1 - reserveShare));
    this.#reserveMax = Math.max(1, burst * reserveShare);
    this.#reopenAt = Math.max(1, burst * reopenShare);
    this.#purse = this.#purseMax;
    this.#reserve = this.#reserveMax;
    this.#filledUs = nowUs;
  }

  /** @param nowUs - microseconds on a clock that never goes back. */
  fill(nowUs: number): void {
    const added = (nowUs - this.#filledUs) * this.#perUs;
    this.#filledUs = nowUs;
    const toReserve = Math.min(added, this.#reserveMax - this.#reserve);
    this.#reserve += toReserve;
    this.#purse = Math.min(this.#purseMax, this.#purse + added - toReserve);
  }

  /** Whether an entry may pass: the purse for all holds one token, or for an error that for errors. */
  admits(isError: boolean): boolean {
    return this.#purse >= 1 || (isError && this.#reserve >= 1);
  }

  /** Takes what an entry costs: from what is for all while there is any, else from what is for errors. */
  take(tokens: number): void {
    if (this.#purse >= 1) this.#purse -= tokens;
    else this.#reserve -= tokens;
  }

  /** Takes tokens from the purse for all, also those that it does not hold. A negative number gives them back. */
  correct(tokens: number): void {
    this.#purse = Math.min(this.#purseMax, this.#purse - tokens);
  }

  /**
   * Microseconds until a used up purse holds enough for a run of entries, 0 when it does: were one let through at each
   * token, a gap record would stand before each.
   */
  get reopensInUs(): number {
    const missing = this.#reopenAt - this.#purse;
    return missing <= 0 ? 0 : Math.ceil((missing + this.#reserveMax - this.#reserve) / this.#perUs);
  }
}
