/** `12,345` */
export function formatCount(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** Bytes by three significant digits in decimal units: `931 B`, `28.3 kB`, `1.20 GB`. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  // 999.5 would round to 1000.
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : threeDigits(value)} ${units[unit]}`;
}

/** Seconds by three significant digits: `0.85 s`, `12.4 s`. */
export function formatSeconds(ms: number): string {
  return `${threeDigits(ms / 1000)} s`;
}

/** A count with its noun: `1 sell`, `288 sells`. */
export function formatCounted(value: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(value)} ${value === 1 ? singular : plural}`;
}

/** Money with a sign in front: `+1,234.50`, `−243,034.79`; `0.00` without one. */
export function formatProfit(value: number): string {
  return withSign(value, formatMoney(Math.abs(value)));
}

/** `1,234.50` */
export function formatMoney(value: number): string {
  return value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

/** A share with a sign in front: `+12.3 %`, `−0.5 %`; `0.0 %` without one. */
export function formatPercent(share: number): string {
  return withSign(share, `${Math.abs(share * 100).toFixed(1)} %`);
}

/** What rounds to zero has no sign. */
function withSign(value: number, text: string): string {
  if (!/[1-9]/.test(text)) return text;
  return `${value < 0 ? "−" : "+"}${text}`;
}

function threeDigits(value: number): string {
  if (value < 9.995) return value.toFixed(2);
  return value < 99.95 ? value.toFixed(1) : value.toFixed(0);
}
