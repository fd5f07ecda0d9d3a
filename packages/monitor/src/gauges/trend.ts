/** One measurement of a value that changes. */
export interface TrendPoint {
  /** Monotonic milliseconds. */
  readonly atMs: number;
  readonly value: number;
}

/** The straight line that fits some measurements best. */
export interface LineFit {
  /** Change of the value per millisecond. */
  readonly slopePerMs: number;
  /** Standard error of the slope; 0 when all points lie on the line. */
  readonly slopeError: number;
}

/**
 * The line of least squares through some points.
 *
 * @returns undefined for fewer than three points, or when all were measured at one moment.
 */
export function fitLine(points: readonly TrendPoint[]): LineFit | undefined {
  const n = points.length;
  if (n < 3) return undefined;
  const meanMs = points.reduce((sum, { atMs }) => sum + atMs, 0) / n;
  const mean = points.reduce((sum, { value }) => sum + value, 0) / n;
  let timeSquares = 0;
  let products = 0;
  for (const { atMs, value } of points) {
    timeSquares += (atMs - meanMs) ** 2;
    products += (atMs - meanMs) * (value - mean);
  }
  if (timeSquares === 0) return undefined;
  const slopePerMs = products / timeSquares;
  let restSquares = 0;
  for (const { atMs, value } of points) restSquares += (value - mean - slopePerMs * (atMs - meanMs)) ** 2;
  return { slopePerMs, slopeError: Math.sqrt(restSquares / (n - 2) / timeSquares) };
}

/** The latest measurements of a value. */
export interface Trend {
  /** @param atMs - monotonic milliseconds, not before the last call. */
  add(atMs: number, value: number): void;
  /** Oldest first; none is older than the window, seen from the last. */
  readonly points: readonly TrendPoint[];
}

/** Measurements kept per window, one each 10 s of an hour; closer ones are merged, the newest stays. */
const pointsPerWindow = 360;

/** @param windowMs - milliseconds > 0. */
export function createTrend(windowMs: number): Trend {
  const spacingMs = windowMs / pointsPerWindow;
  const points: TrendPoint[] = [];
  return {
    points,
    add(atMs, value) {
      const before = points.at(-2);
      if (before !== undefined && atMs - before.atMs < spacingMs) points.pop();
      points.push({ atMs, value });
      while (points[0] !== undefined && atMs - points[0].atMs > windowMs) points.shift();
    },
  };
}
