/** Counts durations in buckets: bounded memory, whatever is measured. */
export interface DurationHistogram {
  /** @param durationUs - microseconds; below 0 counts as 0, above 71 minutes falls into the last bucket. */
  add(durationUs: number): void;
  /**
   * @param share - 0 to 1.
   * @returns microseconds, at most 12.5 % off; 0 when nothing was added.
   */
  quantileUs(share: number): number;
}

/** Buckets of one microsecond each, before the octaves begin. */
const exactBuckets = 8;
const bucketsPerOctave = 4;
const durationMaxUs = 2 ** 32 - 1;
const bucketCount = exactBuckets + (32 - 3) * bucketsPerOctave;

function bucketOf(durationUs: number): number {
  if (durationUs < exactBuckets) return durationUs;
  const octave = 31 - Math.clz32(durationUs);
  const part = Math.floor(durationUs / 2 ** (octave - 2)) - bucketsPerOctave;
  return exactBuckets + (octave - 3) * bucketsPerOctave + part;
}

function middleOf(bucket: number): number {
  if (bucket < exactBuckets) return bucket;
  const octave = 3 + Math.floor((bucket - exactBuckets) / bucketsPerOctave);
  const part = (bucket - exactBuckets) % bucketsPerOctave;
  const width = 2 ** (octave - 2);
  return (bucketsPerOctave + part) * width + width / 2;
}

/**
 * A histogram with four buckets per power of two.
 *
 * @see HdrHistogram (Tene), of which this is the case with two significant bits
 */
export function createDurationHistogram(): DurationHistogram {
  // Floats, because a busy method passes 2^32 calls.
  const counts = new Float64Array(bucketCount);
  let total = 0;
  return {
    add(durationUs) {
      const bucket = bucketOf(Math.min(durationMaxUs, Math.max(0, Math.round(durationUs))));
      counts[bucket] = (counts[bucket] ?? 0) + 1;
      total += 1;
    },
    quantileUs(share) {
      if (total === 0) return 0;
      const rank = Math.max(1, Math.ceil(share * total));
      let seen = 0;
      const bucket = counts.findIndex((count) => {
        seen += count;
        return seen >= rank;
      });
      return middleOf(bucket);
    },
  };
}
