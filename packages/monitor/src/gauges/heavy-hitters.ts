/** A key, and how often it came. */
export interface HeavyHitter {
  readonly key: string;
  /** Never less than the truth, and at most `overcount` more. */
  readonly count: number;
  readonly overcount: number;
}

/** Finds the most frequent keys of an endless series in bounded memory. */
export interface HeavyHitters {
  add(key: string): void;
  /** What is kept, in no order. Every key that came more often than `total / keysMax` times is in it. */
  entries(): readonly HeavyHitter[];
}

/**
 * Creates an empty sketch.
 *
 * @param keysMax - keys kept, integer ≥ 1. A new key takes the place of the rarest one and inherits its count.
 * @see Metwally, Agrawal, El Abbadi: Efficient computation of frequent and top-k elements in data streams (2005), the
 * Space-Saving algorithm.
 */
export function createHeavyHitters(keysMax: number): HeavyHitters {
  const kept = new Map<string, { count: number; overcount: number }>();

  const evictRarest = (): number => {
    let rarest: string | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const [key, { count }] of kept) {
      if (count < least) {
        rarest = key;
        least = count;
      }
    }
    if (rarest !== undefined) kept.delete(rarest);
    return least;
  };

  return {
    add(key) {
      const known = kept.get(key);
      if (known !== undefined) {
        known.count += 1;
        return;
      }
      const inherited = kept.size < keysMax ? 0 : evictRarest();
      kept.set(key, { count: inherited + 1, overcount: inherited });
    },
    entries: () => Array.from(kept, ([key, { count, overcount }]) => ({ key, count, overcount })),
  };
}
