/** How often a new segment begins, whatever its size. */
export type RotationInterval = "never" | "hourly" | "daily";

const hourMs = 3_600_000;
const dayMs = 86_400_000;
/** Zones have differed from UTC by whole quarters of an hour since 1972, so a boundary can only lie on one. */
const quarterMs = 900_000;

/** Tells when the present period of a rotating stream ends. */
export interface RotationPeriod {
  /** The first moment after `nowMs` at which a new segment begins, milliseconds since the epoch; Infinity = never. */
  endOf(nowMs: number): number;
}

const utcPeriods: Readonly<Record<RotationInterval, RotationPeriod>> = {
  never: { endOf: () => Number.POSITIVE_INFINITY },
  hourly: { endOf: (nowMs) => (Math.floor(nowMs / hourMs) + 1) * hourMs },
  daily: { endOf: (nowMs) => (Math.floor(nowMs / dayMs) + 1) * dayMs },
};

/**
 * Periods by the clock of a zone: an hour begins at minute 0, a day at midnight or, where a day has none (the clock is
 * put forward over it), at its first moment.
 *
 * @param timeZone - IANA name. Default `UTC`.
 * @throws {RangeError} for a zone that is not known here.
 */
export function createRotationPeriod(interval: RotationInterval, timeZone = "UTC"): RotationPeriod {
  // UTC, which nearly all streams have, needs no formatter: one costs tens of microseconds, for each stream.
  if (timeZone === "UTC") return utcPeriods[interval];
  const labelOf = createLabel(interval === "never" ? "daily" : interval, timeZone);
  if (interval === "never") return utcPeriods.never;
  // A day takes up to a hundred steps; at midnight all streams ask for the same one.
  let foundFromMs = Number.POSITIVE_INFINITY;
  let foundEndMs = Number.NEGATIVE_INFINITY;
  return {
    endOf(nowMs) {
      if (nowMs >= foundFromMs && nowMs < foundEndMs) return foundEndMs;
      const label = labelOf(nowMs);
      let at = (Math.floor(nowMs / quarterMs) + 1) * quarterMs;
      while (labelOf(at) === label) at += quarterMs;
      foundFromMs = nowMs;
      foundEndMs = at;
      return at;
    },
  };
}

/** Text that is the same for all moments of one period: the local date, and for hours the hour and its offset. */
function createLabel(interval: "hourly" | "daily", timeZone: string): (timestampMs: number) => string {
  const format = new Intl.DateTimeFormat("en-CA", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    // The offset tells the two hours apart that have the same number when the clock is put back.
    ...(interval === "hourly" ? { hour: "2-digit", hourCycle: "h23", timeZoneName: "longOffset" } : {}),
  });
  return (timestampMs) => format.format(timestampMs);
}
