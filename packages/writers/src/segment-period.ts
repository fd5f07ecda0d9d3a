import { createRotationPeriod, type RotationInterval, type RotationPeriod } from "./rotation-period.ts";

/** When the active segment of one stream ends by the clock, whatever its size. */
export class SegmentPeriod {
  #interval: RotationInterval;
  #timeZone: string;
  #period: RotationPeriod;
  /** Milliseconds since the epoch. */
  #endMs = Number.POSITIVE_INFINITY;

  /** @throws {RangeError} for a zone that is not known here. */
  constructor(interval: RotationInterval = "never", timeZone = "UTC") {
    this.#interval = interval;
    this.#timeZone = timeZone;
    this.#period = createRotationPeriod(interval, timeZone);
  }

  /** Whether there is an end at all. */
  get isEnding(): boolean {
    return this.#endMs < Number.POSITIVE_INFINITY;
  }

  /** The segment belongs to the period of `nowMs`. */
  begin(nowMs: number): void {
    this.#endMs = this.#period.endOf(nowMs);
  }

  isOver(nowMs: number): boolean {
    return nowMs >= this.#endMs;
  }

  /** From `nowMs` on other periods count. One that is over already still ends the segment, unless none shall. */
  change(interval: RotationInterval, timeZone: string, nowMs: number): void {
    if (interval === this.#interval && timeZone === this.#timeZone) return;
    this.#interval = interval;
    this.#timeZone = timeZone;
    this.#period = createRotationPeriod(interval, timeZone);
    if (interval === "never" || !this.isOver(nowMs)) this.begin(nowMs);
  }
}
