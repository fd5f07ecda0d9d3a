/** A distribution in a few numbers, in the unit of its values. All 0 when `n` is 0. */
export interface Quantiles {
  readonly n: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Exact quantiles by nearest rank: each is a value that occurred. Undefined values are left out. */
export function exactQuantiles(values: Iterable<number | undefined>): Quantiles {
  const sorted = Float64Array.from([...values].filter((value) => value !== undefined)).sort();
  const n = sorted.length;
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * n) - 1)] ?? 0;
  return { n, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}
