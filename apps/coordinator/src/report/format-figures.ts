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

/** Money with a sign in front: `+1,234.50`, `−243,034.79`. */
export function formatProfit(value: number): string {
  return `${value < 0 ? "−" : "+"}${formatMoney(Math.abs(value))}`;
}

/** `1,234.50` */
export function formatMoney(value: number): string {
  return value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

/** A share with a sign in front: `+12.3 %`, `−0.5 %`. */
export function formatPercent(share: number): string {
  return `${share < 0 ? "−" : "+"}${Math.abs(share * 100).toFixed(1)} %`;
}

function threeDigits(value: number): string {
  if (value < 9.995) return value.toFixed(2);
  return value < 99.95 ? value.toFixed(1) : value.toFixed(0);
}
