import { formatNumber, markdownTable } from "../markdown-table.ts";
import { megabytes } from "../quantities.ts";
import type { ApplicationReport } from "./application.ts";
import type { SoakOptions } from "./options.ts";
import type { SoakResult } from "./run-soak.ts";

/** The figures of a soak as two tables: what was kept, and what it cost. */
export function summarize(result: SoakResult, options: SoakOptions): string {
  return `${keptTable(result, options)}\n\n${costTable(result)}`;
}

function keptTable({ sampled: { report, sizes, conservation } }: SoakResult, options: SoakOptions): string {
  const { limitBytes, segmentBytes } = options;
  const { accepted, written, dropped, queued } = report.writers;
  const rows: [string, string][] = [
    ["limit", mb(limitBytes)],
    [`largest of ${formatCount(sizes.samples)} sizes, of all files`, mb(sizes.largestBytes)],
    ["mean size", mb(sizes.meanBytes)],
    [
      "is the limit and one segment kept at every sample",
      sizes.largestBytes <= limitBytes + segmentBytes ? "yes" : "**no**",
    ],
    ["entries that all writers took, of every kind", formatCount(accepted)],
    ["… written", formatCount(written)],
    ["… dropped, for the limit leaves no room", `${formatCount(dropped)} (${share(dropped, accepted)})`],
    ["… none of these, nor waiting", formatCount(accepted - written - dropped - queued)],
    [
      "in the files that are left: missing behind the first gap record, and told by gap records",
      `${formatCount(conservation.missing)}, ${formatCount(conservation.told)}`,
    ],
    ["streams whose gap records contradict what is there", formatCount(conservation.contradictions)],
    [
      "segments sealed, and deleted",
      `${formatCount(report.maintenance.rotations)}, ${formatCount(report.maintenance.deleted)}`,
    ],
    ["RSS at a tenth, the half, the end", footprints(report, ({ rssMb }) => `${formatNumber(rssMb)} MB`)],
    ["descriptors likewise", footprints(report, ({ descriptors }) => formatCount(descriptors ?? Number.NaN))],
  ];
  return markdownTable([`${mb(report.entries * report.bytesPerEntry)} offered`, ""], rows);
}

function costTable({ unlimited, limited }: SoakResult): string {
  const heads = [
    "",
    "entries/s offered",
    "× without",
    "dropped",
    "longest stall ms",
    "stall p99 ms",
    "maintenance runs",
    "longest ms",
  ];
  const base = rateOf(unlimited);
  const row = (title: string, report: ApplicationReport): string[] => [
    title,
    formatCount(rateOf(report)),
    (rateOf(report) / base).toFixed(2),
    share(report.writers.dropped, report.writers.accepted),
    formatNumber(report.longestStallMs),
    formatNumber(report.stallP99Ms),
    formatCount(report.maintenance.runs),
    formatNumber(report.maintenance.longestRunMs),
  ];
  return markdownTable(heads, [
    row("without limit and maintenance", unlimited),
    row("with the limit", limited),
  ]);
}

function rateOf({ entries, offeringSeconds }: ApplicationReport): number {
  return entries / offeringSeconds;
}

function footprints(
  report: ApplicationReport,
  format: (footprint: ApplicationReport["footprints"][number]) => string,
): string {
  return report.footprints.map(format).join(", ");
}

function share(part: number, whole: number): string {
  return `${formatNumber((100 * part) / whole)} %`;
}

function mb(bytes: number): string {
  return `${formatNumber(megabytes(bytes))} MB`;
}

function formatCount(value: number): string {
  return Number.isFinite(value) ? Math.round(value).toLocaleString("en-US") : "–";
}
