/**
 * Formats a duration by three significant digits with its unit: `0.05ms`, `1.72ms`, `264ms`, `1.20s`. Whole values stay
 * whole (`2ms`); below one millisecond there are two decimals, and anything above zero is at least `<0.01ms`.
 *
 * @param ms - milliseconds; may be negative (clock skew).
 */
export function formatDurationMs(ms: number): string {
  if (!Number.isFinite(ms)) return "?";
  if (ms < 0) return `-${formatDurationMs(-ms)}`;
  if (ms > 0 && ms < 0.005) return "<0.01ms";
  // 999.5 ms would round to 1000ms.
  return ms < 999.5 ? `${threeDigits(ms)}ms` : `${threeDigits(ms / 1000)}s`;
}

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

function threeDigits(value: number): string {
  if (Number.isInteger(value)) return grouped.format(value);
  // The limits lie where rounding would add a digit: 9.995 prints as 10.0, 99.95 as 100.
  if (value < 9.995) return value.toFixed(2);
  return value < 99.95 ? value.toFixed(1) : grouped.format(value);
}
