import type { PreparedText } from "./prepared-text.ts";

/** Texts that are kept at once, and the units of the longest that is. Together they bound the memory. */
const textsMax = 1024;
const unitsMax = 128;
/**
 * One miss in so many is kept: what recurs is soon there, and what never does costs little. A prime, so that a text
 * that comes every second or fourth time has its turn.
 */
const missesPerText = 7;
/**
 * After so many misses in a row the texts are taken to be all different, and are not looked up for a while: what was
 * just made has no hash yet, and to compute it takes as long as to encode it.
 */
const missesInRowMax = 256;
const pauseLookups = 8192;

/** A text that is kept, and the one that was asked for after it the last time. */
interface KnownText {
  readonly text: string;
  readonly prepared: PreparedText;
  next: KnownText | undefined;
}

/**
 * The prepared forms of texts that recur, such as keys and messages, by text. Bounded, whatever texts come.
 *
 * Keys recur in the same order, so that the one that followed the last time is tried before it is looked up, which takes
 * twice as long (`benchmarks/src/encode-parts`).
 */
export class PreparedTexts {
  readonly #prepare: (text: string) => PreparedText;
  readonly #texts = new Map<string, KnownText>();
  #last: KnownText | undefined;
  #misses = 0;
  #missesInRow = 0;
  #pause = 0;

  /** @param prepare - makes the form of a text that is to be kept. */
  constructor(prepare: (text: string) => PreparedText) {
    this.#prepare = prepare;
  }

  /** The prepared form, or undefined when there is none and the caller has to do the work. */
  get(text: string): PreparedText | undefined {
    const guess = this.#last?.next;
    if (guess !== undefined && guess.text === text) {
      this.#last = guess;
      return guess.prepared;
    }
    const known = this.#lookUp(text);
    if (known === undefined) return undefined;
    if (this.#last !== undefined) this.#last.next = known;
    this.#last = known;
    return known.prepared;
  }

  #lookUp(text: string): KnownText | undefined {
    if (text.length > unitsMax) return undefined;
    if (this.#pause > 0) {
      this.#pause--;
      return undefined;
    }
    const known = this.#texts.get(text);
    if (known === undefined) return this.#miss(text);
    this.#missesInRow = 0;
    return known;
  }

  #miss(text: string): KnownText | undefined {
    if (++this.#missesInRow > missesInRowMax) {
      this.#missesInRow = 0;
      this.#pause = pauseLookups;
    }
    if (++this.#misses % missesPerText !== 0) return undefined;
    if (this.#texts.size >= textsMax) this.#forget();
    const known: KnownText = { text, prepared: this.#prepare(text), next: undefined };
    this.#texts.set(text, known);
    return known;
  }

  /** Rather than to look for the least used, all begin anew: what recurs is soon back. */
  #forget(): void {
    // Without this, texts of now could hold those of long ago by chains of any length.
    for (const known of this.#texts.values()) known.next = undefined;
    this.#texts.clear();
  }
}
