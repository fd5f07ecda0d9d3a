import type { Quantiles } from "./quantiles.ts";

const subBucketBits = 4;
const subBuckets = 1 << subBucketBits;
/** Values from 2^40 (12 days in microseconds) share the last bucket. */
const octavesMax = 40;
const bucketCount = (octavesMax - subBucketBits + 1) * subBuckets;

/** One filled bucket: `n` values in `from` ≤ value < `to`. */
export interface HistogramBucket {
  readonly from: number;
  readonly to: number;
  readonly n: number;
}

/**
 * Counts whole numbers in buckets of equal relative width: below 16 exact, above with an error of at most 1/32 of the
 * value (half a bucket), whatever the number of values. About 5 KB each.
 */
export interface LogHistogram {
  /** @param value - ≥ 0; fractions are cut off. A negative or NaN value is counted in `refused` alone. */
  add(value: number): void;
  /** Values counted. */
  readonly count: number;
  /** Values that no bucket fits: negative or NaN. */
  readonly refused: number;
  /** @param scale - factor on every result, 0.001 for milliseconds out of microseconds. Default 1. `max` is exact. */
  quantiles(scale?: number): Quantiles;
  /** The filled buckets, lowest first. */
  buckets(): readonly HistogramBucket[];
}

/**
 * Creates an empty {@link LogHistogram}.
 *
 * @see HdrHistogram by Gil Tene: linear buckets within each power of two.
 */
export function createLogHistogram(): LogHistogram {
  const counts = new Float64Array(bucketCount);
  let count = 0;
  let refused = 0;
  let max = 0;

  const quantile = (share: number): number => {
    let rank = Math.max(1, Math.ceil(share * count));
    for (let index = 0; index < bucketCount; index += 1) {
      rank -= counts[index] ?? 0;
      if (rank <= 0) return Math.min(max, (lowerBound(index) + lowerBound(index + 1) - 1) / 2);
    }
    return max;
  };

  return {
    add(value) {
      if (!(value >= 0)) {
        refused += 1;
        return;
      }
      const index = bucketOf(value);
      counts[index] = (counts[index] ?? 0) + 1;
      count += 1;
      if (value > max) max = value;
    },
    get count() {
      return count;
    },
    get refused() {
      return refused;
    },
    quantiles: (scale = 1) =>
      count === 0
        ? { n: 0, p50: 0, p95: 0, p99: 0, max: 0 }
        : {
            n: count,
            p50: quantile(0.5) * scale,
            p95: quantile(0.95) * scale,
            p99: quantile(0.99) * scale,
            max: max * scale,
          },
    buckets: () =>
      Array.from(counts, (n, index) => ({ from: lowerBound(index), to: lowerBound(index + 1), n })).filter(
        (bucket) => bucket.n > 0,
      ),
  };
}

function bucketOf(value: number): number {
  if (value < subBuckets) return Math.floor(value);
  const whole = Math.floor(value);
  // clz32 needs 32 bits, so the octave of larger numbers is found in their upper part.
  const octave = whole < 2 ** 31 ? 31 - Math.clz32(whole) : Math.floor(Math.log2(whole));
  if (octave >= octavesMax) return bucketCount - 1;
  const within = Math.floor(whole / 2 ** (octave - subBucketBits)) - subBuckets;
  return (octave - subBucketBits + 1) * subBuckets + within;
}

function lowerBound(index: number): number {
  if (index < subBuckets) return index;
  const octave = Math.floor(index / subBuckets) + subBucketBits - 1;
  return (subBuckets + (index % subBuckets)) * 2 ** (octave - subBucketBits);
}
