const byteUnits = ["B", "KiB", "MiB", "GiB", "TiB"] as const;
const timeUnits = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1000],
] as const;

/** A number of bytes for people, three digits: `10 GiB`, `1.25 KiB`, `512 B`. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return "no limit";
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1024 && unit < byteUnits.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${Number(value.toPrecision(Math.abs(value) >= 1000 ? 4 : 3))} ${byteUnits[unit]}`;
}

/** A duration for people, its largest unit with one decimal: `31 d`, `1.5 h`, `200 ms`. */
export function formatAge(durationMs: number): string {
  if (!Number.isFinite(durationMs)) return "never";
  const [name, unitMs] = timeUnits.find(([, ms]) => Math.abs(durationMs) >= ms) ?? ["ms", 1];
  return `${Math.round((durationMs / unitMs) * 10) / 10} ${name}`;
}
