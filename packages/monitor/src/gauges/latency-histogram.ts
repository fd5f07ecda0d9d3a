const subBucketBits = 5;
const subBuckets = 1 << subBucketBits;
/** Values from 2^40 µs, 12 days, share the last bucket. */
const octavesMax = 40;
const bucketCount = 1 + (octavesMax - subBucketBits + 1) * subBuckets;

/**
 * The largest error of {@link quantileOf}, as a share of the value: half a bucket. Values up to 32 µs are exact.
 */
export const quantileErrorMax: number = 1 / (2 * subBuckets);

/** Durations counted so far. Immutable; of two, the later one less the earlier one is what came between. */
export interface HistogramSnapshot {
  readonly count: number;
  /** Microseconds. */
  readonly sumUs: number;
  /** Microseconds; 0 when nothing was counted. */
  readonly maxUs: number;
  /** Values that were no duration: negative or no number, as after a clock was set back. In no other count. */
  readonly refused: number;
  /** One count per bucket; read it through {@link quantileOf} and {@link countUpTo}. */
  readonly counts: Float64Array;
}

/** Counts durations in buckets of equal relative width, about 9 KB whatever their number. */
export interface LatencyHistogram {
  /** @param durationUs - microseconds ≥ 0; a part of one counts as a whole one. */
  record(durationUs: number): void;
  snapshot(): HistogramSnapshot;
}

/**
 * Creates an empty histogram.
 *
 * Each bucket holds its upper bound and not its lower one, as the `le` of Prometheus does, so that counts up to a
 * power of two are exact.
 *
 * @see HdrHistogram by Gil Tene: linear buckets within each power of two.
 */
export function createLatencyHistogram(): LatencyHistogram {
  const counts = new Float64Array(bucketCount);
  let count = 0;
  let sumUs = 0;
  let maxUs = 0;
  let refused = 0;

  return {
    record(durationUs) {
      if (!(durationUs >= 0 && durationUs < Number.POSITIVE_INFINITY)) {
        refused += 1;
        return;
      }
      const whole = Math.ceil(durationUs);
      const index = bucketOf(whole);
      counts[index] = (counts[index] ?? 0) + 1;
      count += 1;
      sumUs += whole;
      if (whole > maxUs) maxUs = whole;
    },
    snapshot: () => ({ count, sumUs, maxUs, refused, counts: counts.slice() }),
  };
}

/**
 * The duration that a share of all durations does not exceed, by nearest rank.
 *
 * @param share - 0 to 1: 0.99 for the 99th percentile.
 * @returns microseconds, wrong by {@link quantileErrorMax} of the value at most; undefined when nothing was counted.
 */
export function quantileOf(snapshot: HistogramSnapshot, share: number): number | undefined {
  if (snapshot.count === 0) return undefined;
  let rank = Math.max(1, Math.ceil(share * snapshot.count));
  for (let index = 0; index < bucketCount; index += 1) {
    rank -= snapshot.counts[index] ?? 0;
    if (rank <= 0) return Math.min(snapshot.maxUs, (lowerBound(index) + 1 + upperBound(index)) / 2);
  }
  return snapshot.maxUs;
}

/** How many durations were at most `boundUs`; exact when that is a power of two, else to within a bucket. */
export function countUpTo(snapshot: HistogramSnapshot, boundUs: number): number {
  let sum = 0;
  for (let index = 0; index < bucketCount && upperBound(index) <= boundUs; index += 1)
    sum += snapshot.counts[index] ?? 0;
  return sum;
}

/** What was counted after `earlier`; its `maxUs` is exact when it is a new record, else the bound of its bucket. */
export function countedBetween(earlier: HistogramSnapshot, later: HistogramSnapshot): HistogramSnapshot {
  const counts = later.counts.map((n, index) => n - (earlier.counts[index] ?? 0));
  const highest = counts.findLastIndex((n) => n > 0);
  const bound = highest < 0 ? 0 : Math.min(upperBound(highest), later.maxUs);
  return {
    count: later.count - earlier.count,
    sumUs: later.sumUs - earlier.sumUs,
    maxUs: later.maxUs > earlier.maxUs ? later.maxUs : bound,
    refused: later.refused - earlier.refused,
    counts,
  };
}

function bucketOf(whole: number): number {
  if (whole === 0) return 0;
  const below = whole - 1;
  if (below < subBuckets) return whole;
  // clz32 needs 32 bits, so the octave of larger numbers is found by the logarithm, which is exact enough there.
  const octave = below < 2 ** 31 ? 31 - Math.clz32(below) : Math.floor(Math.log2(below));
  if (octave >= octavesMax) return bucketCount - 1;
  const within = Math.floor(below / 2 ** (octave - subBucketBits)) - subBuckets;
  return 1 + (octave - subBucketBits + 1) * subBuckets + within;
}

/** The highest value that is too low for a bucket. */
function lowerBound(index: number): number {
  return index === 0 ? -1 : boundOf(index - 1);
}

/** The highest value of a bucket. */
function upperBound(index: number): number {
  return index === 0 ? 0 : boundOf(index);
}

function boundOf(position: number): number {
  if (position <= subBuckets) return position;
  const octave = Math.floor(position / subBuckets) + subBucketBits - 1;
  return (subBuckets + (position % subBuckets)) * 2 ** (octave - subBucketBits);
}
