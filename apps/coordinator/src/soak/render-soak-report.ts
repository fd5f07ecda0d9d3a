import { styleText } from "node:util";
import { formatBytes, formatDuration } from "@waybill/monitor";
import { formatCount, formatCounted, formatSeconds } from "../report/format-figures.ts";
import { quoteForShell } from "../report/quote-for-shell.ts";
import { brokenPromises, type SoakReport } from "./soak-report.ts";

type Style = Parameters<typeof styleText>[0];
type Paint = (style: Style, text: string) => string;

const labelWidth = 10;
const alertsMax = 6;

/** Renders the report of a soak as plain text, coloured only if asked for. Ends without a newline. */
export function renderSoakReport(report: SoakReport, { hasColour }: { readonly hasColour: boolean }): string {
  const paint: Paint = hasColour
    ? (style, text) => styleText(style, text, { validateStream: false })
    : (_, text) => text;
  const sections = [
    renderVerdict(report, paint),
    renderWork(report, paint),
    renderAlerts(report, paint),
    renderCommands(report.tree, paint),
  ];
  return sections.map((lines) => lines.map((line) => line.trimEnd()).join("\n")).join("\n\n");
}

function renderVerdict(report: SoakReport, paint: Paint): string[] {
  const { size, status, isInterrupted } = report;
  const broken = brokenPromises(report);
  const share = ((100 * size.mostBytes) / status.limitBytes).toFixed(1);
  const head = [
    broken.length === 0 ? paint("green", "kept") : paint(["bold", "red"], "broken"),
    `the tree took at most ${paint("bold", formatBytes(size.mostBytes))} of ${formatBytes(status.limitBytes)} (${share} %)`,
    `${formatCounted(size.looks, "look")} at the disk`,
    `${formatDuration(status.simulatedMs)} in ${formatSeconds(status.elapsedMs)}${isInterrupted ? ", interrupted" : ""}`,
  ].join("   ");
  return [head, ...broken.map((sentence) => `  ${paint("red", sentence)}`)];
}

function renderWork(report: SoakReport, paint: Paint): string[] {
  const { audit, dropped, status, written } = report;
  const { archived, evicted, expired, freedBytes, sealed } = status.done;
  const perSecond = formatCount((written * 1000) / Math.max(1, status.elapsedMs));
  const lost = `${formatCount(dropped)} dropped`;
  return [
    row("rounds", [formatCount(report.rounds), formatCounted(report.bars, "bar"), "the same trades in each"]),
    row("entries", [
      paint("bold", formatCount(written)),
      `${perSecond}/s`,
      dropped > 0 ? paint(["bold", "red"], lost) : lost,
    ]),
    row("sealed", [formatCounted(sealed, "segment")]),
    row("archived", [formatCounted(archived, "segment")]),
    row("deleted", [
      `${formatCount(expired)} by age`,
      `${formatCount(evicted)} for room`,
      `${formatBytes(freedBytes)} freed in all`,
    ]),
    row("audit", [
      `${formatCounted(audit.lines, "line")} in ${formatCounted(audit.files, "file")}`,
      `${formatCount(audit.deleted)} in deleted segments`,
      `${formatCount(audit.toldLost)} told as lost`,
      audit.faults.length === 0
        ? "nothing else is missing"
        : paint("red", formatCounted(audit.faults.length, "fault")),
    ]),
  ];
}

function renderAlerts({ alerts, status }: SoakReport, paint: Paint): string[] {
  const { ended, fired } = status.alerts;
  const shown = alerts.slice(-alertsMax).map(({ firedMs, lastedMs, alert, message }) => {
    const lasted = lastedMs === undefined ? "lasts" : `lasted ${formatDuration(lastedMs)}`;
    return row("", [`${clock(firedMs)}  ${paint("yellow", alert)}  ${message}   ${paint("dim", lasted)}`]);
  });
  return [row("alerts", [`${formatCount(fired)} fired`, `${formatCount(ended)} ended`]), ...shown];
}

/** `11-24 03:12`, simulated. */
function clock(ms: number): string {
  return new Date(ms).toISOString().slice(5, 16).replace("T", " ");
}

function renderCommands(path: string, paint: Paint): string[] {
  const tree = quoteForShell(path);
  const commands = [
    ["what was deleted, and why", `tail -n 3 ${tree}/.waybill/manifests/deletions.ndjson`],
    ["what was archived", `find ${tree}/archived -name '*.gz' | sort | tail -n 5`],
    ["an archived segment", `zcat $(find ${tree}/archived -name '*.gz' | head -n 1) | head -n 3`],
    ["runs of maintenance", `grep -h '"lifecycle_operation":"maintenance"' ${tree}/system/*.log | tail -n 3`],
    ["alerts", `grep -h '"alert_id"' ${tree}/system/*.log`],
    ["measurements", `tail -n 1 ${tree}/system/performance_metrics.log`],
  ];
  const width = Math.max(...commands.map(([title = ""]) => title.length));
  return [
    paint("dim", "try"),
    ...commands.map(([title = "", command = ""]) => `  ${paint("dim", title.padEnd(width))}   ${command}`),
  ];
}

function row(label: string, cells: readonly string[]): string {
  return `  ${label.padEnd(labelWidth)}${cells.join("   ")}`;
}
