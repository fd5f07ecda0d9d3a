import { formatNumber, markdownTable } from "../markdown-table.ts";
import { median } from "../statistics.ts";
import type { Measured } from "./measure.ts";

/** All runs of one contestant, by round; undefined where a run failed. */
export interface Runs {
  readonly title: string;
  readonly rounds: readonly (Measured | undefined)[];
  /** Share of the entries that were missing on disk in the worst round, 0 to 1. */
  readonly lostShare: number;
  readonly broken: number;
}

/**
 * How much more than ours a contestant costs: the median of the ratios within each round, so that what slows the
 * machine down slows both.
 */
export function costRatio(theirs: Runs["rounds"], ours: Runs["rounds"]): number {
  const ratios = theirs.flatMap((their, round) => {
    const our = ours[round];
    return their === undefined || our === undefined ? [] : [their.nsPerEntry / our.nsPerEntry];
  });
  return median(ratios);
}

/** The table of one number of containers; the first row is ours. */
export function summarize(rows: readonly Runs[]): string {
  const [ours] = rows;
  return markdownTable(
    [
      "",
      "ns per entry until on disk",
      "× ours",
      "call p50 µs",
      "p99 µs",
      "p99.9 µs",
      "loop delay p99 ms",
      "peak RSS MB",
      "open µs per file",
    ],
    rows.map((row) => {
      const of = (pick: (measured: Measured) => number): number =>
        median(row.rounds.flatMap((measured) => (measured === undefined ? [] : [pick(measured)])));
      return [
        row.title + flaws(row),
        formatNumber(of((measured) => measured.nsPerEntry)),
        `${costRatio(row.rounds, ours?.rounds ?? []).toFixed(2)}`,
        formatNumber(of((measured) => measured.callP50) / 1000),
        formatNumber(of((measured) => measured.callP99) / 1000),
        formatNumber(of((measured) => measured.callP999) / 1000),
        formatNumber(of((measured) => measured.loopDelayP99)),
        formatNumber(of((measured) => measured.peakRssMb)),
        formatNumber(of((measured) => measured.openUsPerFile)),
      ];
    }),
  );
}

function flaws({ rounds, lostShare, broken }: Runs): string {
  const failed = rounds.filter((measured) => measured === undefined).length;
  return [
    failed > 0 ? ` (${failed} of ${rounds.length} runs failed)` : "",
    lostShare > 0 ? ` (**lost ${(lostShare * 100).toFixed(2)} %**)` : "",
    broken > 0 ? ` (**${broken} broken lines**)` : "",
  ].join("");
}
