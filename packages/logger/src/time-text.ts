/** A time as it stands on disk. What is no time, as a clock that breaks its contract gives, is 1970. */
export function timeText(timestampMs: number): string {
  const time = new Date(timestampMs);
  return Number.isNaN(time.getTime()) ? new Date(0).toISOString() : time.toISOString();
}
