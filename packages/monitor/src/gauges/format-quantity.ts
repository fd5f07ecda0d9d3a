const durationUnits: readonly (readonly [string, number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1000],
  ["ms", 1],
];

/** A duration in its two largest units, cut: `1 d 3 h`, `12 min 5 s`, `40 ms`. */
export function formatDuration(durationMs: number): string {
  const first = durationUnits.findIndex(([, ms]) => durationMs >= ms);
  if (first < 0) return "0 ms";
  const [unit, unitMs] = durationUnits[first] ?? ["ms", 1];
  const [restUnit, restMs] = durationUnits[first + 1] ?? ["", Number.POSITIVE_INFINITY];
  const count = Math.floor(durationMs / unitMs);
  const rest = Math.floor((durationMs - count * unitMs) / restMs);
  return rest > 0 && restUnit !== "ms" ? `${count} ${unit} ${rest} ${restUnit}` : `${count} ${unit}`;
}

const byteUnits = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** Bytes in the largest fitting unit, to one decimal: `1.5 GiB`. */
export function formatBytes(bytes: number): string {
  let amount = bytes;
  let unit = 0;
  while (Math.abs(amount) >= 1024 && unit < byteUnits.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${Number(amount.toFixed(unit === 0 ? 0 : 1))} ${byteUnits[unit]}`;
}
