/** Numbers from 1 on, most of which come in their order: what is without a hole takes no memory. */
export interface NumberSet {
  /** @returns whether it is new. */
  add(number: number): boolean;
  has(number: number): boolean;
  /** 0 when there is none. */
  readonly largest: number;
}

/** An empty one. */
export function createNumberSet(): NumberSet {
  let through = 0;
  let largest = 0;
  const others = new Set<number>();
  const has = (number: number): boolean => number <= through || others.has(number);
  return {
    has,
    add(number) {
      if (has(number)) return false;
      others.add(number);
      largest = Math.max(largest, number);
      while (others.delete(through + 1)) through += 1;
      return true;
    },
    get largest() {
      return largest;
    },
  };
}
