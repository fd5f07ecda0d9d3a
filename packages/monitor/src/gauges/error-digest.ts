import { type Clock, type Level, severityOf, systemClock } from "@waybill/protocols";
import { errorPatternOf } from "./error-pattern.ts";
import { createHeavyHitters, type HeavyHitters } from "./heavy-hitters.ts";

/** Whether errors become more or fewer. */
export type ErrorTrend = "rising" | "stable" | "falling";

/** The errors of the last 24 hours. */
export interface ErrorSummary {
  /** Milliseconds that the counts reach back: 24 hours, or less when the digest is younger. */
  readonly coveredMs: number;
  /** Entries of level ERROR and above. */
  readonly errors: number;
  /** Entries of level CRITICAL. */
  readonly criticalErrors: number;
  /** The most frequent message, numbers in it shown as `#`; `count` is at most `overcount` too high. */
  readonly mostCommon:
    | { readonly message: string; readonly count: number; readonly overcount: number }
    | undefined;
  /** The last 15 minutes against the 15 before; a change that chance explains (two standard deviations) is none. */
  readonly trend: ErrorTrend;
}

/** Keeps what {@link ErrorSummary} says, in about 200 KB at most, whatever the number of errors. */
export interface ErrorDigest {
  /** Levels below ERROR are left out. */
  note(level: Level, message: string): void;
  summary(): ErrorSummary;
}

const minuteUs = 60_000_000;
const minutesPerHour = 60;
const minutesKept = 24 * minutesPerHour;
const trendMinutes = 15;
/** Per hour. A message that is more than 1/32 of an hour's errors is never missed. */
const patternsPerHour = 32;

interface Hour {
  readonly index: number;
  readonly patterns: HeavyHitters;
}

/** Creates an empty digest. @param clock - default that of this process; only its monotonic time is used. */
export function createErrorDigest(clock: Clock = systemClock): ErrorDigest {
  const startUs = clock.monotonicUs();
  const errors = new Float64Array(minutesKept);
  const criticals = new Float64Array(minutesKept);
  let hours: Hour[] = [];
  let minute = 0;

  /** Moves to the present minute, and clears those of a day ago that it takes the place of. */
  const advance = (): void => {
    const now = Math.floor((clock.monotonicUs() - startUs) / minuteUs);
    const passed = Math.min(now - minute, minutesKept);
    for (let back = 0; back < passed; back += 1) {
      errors[(now - back) % minutesKept] = 0;
      criticals[(now - back) % minutesKept] = 0;
    }
    minute = now;
    const oldest = Math.floor((minute - minutesKept) / minutesPerHour) + 1;
    if ((hours[0]?.index ?? oldest) < oldest) hours = hours.filter(({ index }) => index >= oldest);
  };
  const sumOf = (counts: Float64Array, from: number, minutes: number): number => {
    let sum = 0;
    for (let at = Math.max(0, from); at < from + minutes; at += 1) sum += counts[at % minutesKept] ?? 0;
    return sum;
  };

  return {
    note(level, message) {
      if (severityOf[level] < severityOf.ERROR) return;
      advance();
      const at = minute % minutesKept;
      errors[at] = (errors[at] ?? 0) + 1;
      if (level === "CRITICAL") criticals[at] = (criticals[at] ?? 0) + 1;
      const index = Math.floor(minute / minutesPerHour);
      let hour = hours.at(-1);
      if (hour?.index !== index) {
        hour = { index, patterns: createHeavyHitters(patternsPerHour) };
        hours.push(hour);
      }
      hour.patterns.add(errorPatternOf(message));
    },
    summary() {
      advance();
      const from = minute - minutesKept + 1;
      return {
        coveredMs: Math.min((clock.monotonicUs() - startUs) / 1000, (minutesKept * minuteUs) / 1000),
        errors: sumOf(errors, from, minutesKept),
        criticalErrors: sumOf(criticals, from, minutesKept),
        mostCommon: mostCommonOf(hours),
        trend: trendOf(
          sumOf(errors, minute - 2 * trendMinutes + 1, trendMinutes),
          sumOf(errors, minute - trendMinutes + 1, trendMinutes),
        ),
      };
    },
  };
}

function mostCommonOf(hours: readonly Hour[]): ErrorSummary["mostCommon"] {
  const sums = new Map<string, { message: string; count: number; overcount: number }>();
  for (const { patterns } of hours) {
    for (const { key, count, overcount } of patterns.entries()) {
      const sum = sums.get(key) ?? { message: key, count: 0, overcount: 0 };
      sum.count += count;
      sum.overcount += overcount;
      sums.set(key, sum);
    }
  }
  let most: ErrorSummary["mostCommon"];
  for (const sum of sums.values()) if (sum.count > (most?.count ?? 0)) most = sum;
  return most;
}

/** Two counts of rare events differ by more than chance when their difference passes two standard deviations. */
function trendOf(before: number, now: number): ErrorTrend {
  const chance = 2 * Math.sqrt(before + now);
  if (now - before > chance) return "rising";
  return before - now > chance ? "falling" : "stable";
}
