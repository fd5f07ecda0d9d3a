/**
 * How often an open file is looked at from outside, microseconds of activity. Less than a flush interval of 50 ms, so
 * that every batch looks: at 100 ms the batch that comes just too early left a change unnoticed for up to 150 ms.
 */
const lookIntervalUs = 40_000;
/** What was written so many microseconds before a removed file was last seen is rescued at least. */
const rescuedUs = 100_000;

/** When an open file is to be looked at from outside, and how much of it is rescued if it turns out to be removed. */
export class LookSchedule {
  #lookedUs = Number.NEGATIVE_INFINITY;
  /** Line starts as they were at two earlier looks: what came after the older one is rescued. */
  #rescuableFrom = 0;
  #nextFrom = 0;
  #nextUs = 0;

  /** Offset of the first byte to be rescued, a line start. */
  get rescuableFrom(): number {
    return this.#rescuableFrom;
  }

  isDue(nowUs: number): boolean {
    return nowUs - this.#lookedUs >= lookIntervalUs;
  }

  /** A look is due at once. */
  hurry(): void {
    this.#lookedUs = Number.NEGATIVE_INFINITY;
  }

  /** A file was opened; what it holds by then is not rescued. */
  begin(nowUs: number, lineStart: number): void {
    this.#lookedUs = nowUs;
    this.#rescuableFrom = lineStart;
    this.#nextFrom = lineStart;
    this.#nextUs = nowUs;
  }

  /** The file was seen whole. */
  noteSeen(nowUs: number, lineStart: number): void {
    this.#lookedUs = nowUs;
    if (nowUs - this.#nextUs < rescuedUs) return;
    this.#rescuableFrom = this.#nextFrom;
    this.#nextFrom = lineStart;
    this.#nextUs = nowUs;
  }
}
