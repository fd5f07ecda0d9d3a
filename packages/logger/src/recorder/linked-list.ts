/** A value's place in a {@link LinkedList}. */
export interface Link<T> {
  readonly value: T;
  before: Link<T> | undefined;
  after: Link<T> | undefined;
}

/**
 * Values in the order in which they were appended, each of which can be taken out in constant time. A map in its order
 * of insertion will not do: asked for its first key, it walks over every place that was deleted since it last grew.
 */
export class LinkedList<T> {
  #first: Link<T> | undefined;
  #last: Link<T> | undefined;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** The place appended longest ago. */
  get first(): Link<T> | undefined {
    return this.#first;
  }

  append(value: T): Link<T> {
    const link: Link<T> = { value, before: undefined, after: undefined };
    this.#attach(link);
    return link;
  }

  /** @param link - one of this list. */
  remove(link: Link<T>): void {
    const { before, after } = link;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    this.#count--;
  }

  /** @param link - one of this list. */
  moveToEnd(link: Link<T>): void {
    if (link === this.#last) return;
    this.remove(link);
    this.#attach(link);
  }

  #attach(link: Link<T>): void {
    link.before = this.#last;
    link.after = undefined;
    if (this.#last === undefined) this.#first = link;
    else this.#last.after = link;
    this.#last = link;
    this.#count++;
  }
}
