import { stripVTControlCharacters, styleText } from "node:util";
import { formatDurationMs, formatFlowLine } from "@waybill/flows";
import {
  formatBytes,
  formatCount,
  formatCounted,
  formatMoney,
  formatPercent,
  formatProfit,
  formatSeconds,
} from "./format-figures.ts";
import { quoteForShell } from "./quote-for-shell.ts";
import type { Report, TierFigures } from "./report.ts";

/** The styles of the report: only the sixteen colours of the terminal's own theme. */
type Style = Parameters<typeof styleText>[0];
type Paint = (style: Style, text: string) => string;

const tierStyles: Readonly<Record<string, Style>> = {
  fast: "cyan",
  standard: "blueBright",
  reliable: "magenta",
};
const tierRanks = ["fast", "standard", "reliable", "internal"];

/** Renders a report as aligned plain text, coloured only if asked for. Ends without a newline. */
export function renderReport(report: Report, { hasColour }: { readonly hasColour: boolean }): string {
  const paint: Paint = hasColour
    ? (style, text) => styleText(style, text, { validateStream: false })
    : (_, text) => text;
  const sections = [
    renderSummary(report, paint),
    renderTiers(report.tiers, paint),
    renderPlaces(report, paint),
    renderFlows(report, paint),
    renderCommands(report.tree, paint),
  ];
  return sections.map((lines) => lines.map((line) => line.trimEnd()).join("\n")).join("\n\n");
}

function renderSummary(report: Report, paint: Paint): string[] {
  const { range, entries, flows, trading } = report;
  const state = report.isInterrupted ? paint("yellow", "interrupted") : paint("green", "done");
  const perSecond = formatCount((entries.written * 1000) / Math.max(1, report.elapsedMs));
  const failed = `${formatCount(flows.failed)} failed`;
  const dropped = `${formatCount(entries.dropped)} dropped`;
  const unwritten = `${formatCount(entries.unwritten)} not written`;
  const head = [
    `${state}  ${paint("bold", formatCounted(report.containers, "container"))}`,
    formatCounted(report.components, "component"),
    `${formatCounted(report.bars, "bar")}, ${range.from} to ${range.to}`,
    formatSeconds(report.elapsedMs),
  ].join("   ");
  const profit = `${formatProfit(trading.profit)} (${formatPercent(trading.profit / trading.capital)})`;
  return [
    head,
    "",
    row("entries", [
      paint("bold", formatCount(entries.written)),
      `${perSecond}/s`,
      `${formatCounted(entries.copies, "copy", "copies")} in master.log and correlations/`,
      entries.dropped > 0 ? paint(["bold", "red"], dropped) : dropped,
      ...(entries.unwritten > 0 ? [paint(["bold", "red"], unwritten)] : []),
    ]),
    row("flows", [
      paint("bold", formatCount(flows.total)),
      flows.failed > 0 ? paint(["bold", "red"], failed) : failed,
      formatCounted(flows.retries, "retry", "retries"),
    ]),
    row("trades", [
      paint("bold", formatCount(trading.fills)),
      `${formatCounted(trading.buys, "buy")}, ${formatCounted(trading.sells, "sell")}`,
      `P&L ${profit}`,
      `cash ${formatMoney(trading.cash)}`,
      `holdings ${formatMoney(trading.holdings)}`,
    ]),
  ];
}

function renderTiers(tiers: readonly TierFigures[], paint: Paint): string[] {
  const head = ["", "hops", "errors", "wait p50", "p95", "p99", "work p50", "p95", "p99"];
  const rows = [...tiers]
    .sort((a, b) => rankOf(a.tier) - rankOf(b.tier))
    .map(({ tier, hops, errors, wait, work }) => [
      paint(tierStyles[tier] ?? "reset", tier),
      formatCount(hops),
      errors > 0 ? paint("red", formatCount(errors)) : "0",
      ...[wait, work].flatMap((figures) =>
        figures === undefined
          ? ["–", "–", "–"]
          : [figures.p50, figures.p95, figures.p99].map(formatDurationMs),
      ),
    ]);
  const [first = "", ...others] = renderTable([head, ...rows]);
  return [paint("dim", first), ...others];
}

function renderPlaces({ places, isContinued }: Report, paint: Paint): string[] {
  const total = {
    place: "total",
    lines: places.reduce((sum, { lines }) => sum + lines, 0),
    bytes: places.reduce((sum, { bytes }) => sum + bytes, 0),
  };
  const head = [isContinued ? "all runs" : "", "lines", "on disk"];
  const rows = [...places, total].map(({ place, lines, bytes }) => [
    place,
    formatCount(lines),
    formatBytes(bytes),
  ]);
  const [first = "", ...others] = renderTable([head, ...rows]);
  return [paint("dim", first), ...others];
}

/** What the times in tiers and flows mean. */
const reading =
  "wait: published to received; work: received to finished; a container's time in a flow lasts until its next event";

function renderFlows({ completeFlow, failedFlow }: Report, paint: Paint): string[] {
  const lines: string[] = [];
  if (completeFlow !== undefined) lines.push(row("complete", [formatFlowLine(completeFlow)]));
  if (failedFlow !== undefined) {
    lines.push(row(paint("red", "failed"), [formatFlowLine(failedFlow.flow)]));
    const { line } = failedFlow;
    if (line !== undefined) {
      const where = paint("bold", `${line.containerId}.${line.componentName}`);
      const time = line.timestamp.slice(11, 23);
      lines.push(
        row("", [
          `first failing line  ${time} ${paint(["bold", "red"], line.level)} ${where}  ${line.message}`,
        ]),
      );
      lines.push(row("", [paint("dim", `                    ${line.file}`)]));
    }
  }
  if (lines.length === 0) lines.push(row("flows", ["none went through to execution, none failed"]));
  return [...lines, row("", [paint("dim", reading)])];
}

function renderCommands(path: string, paint: Paint): string[] {
  const tree = quoteForShell(path);
  const commands = [
    ["one container's own bus", `grep "internal_bus" ${tree}/containers/strategy_001/*.log`],
    ["hops between containers", `grep "external_fast_tier" ${tree}/flows/*.log`],
    ["hops that failed", `grep '"status":"error"' ${tree}/flows/*.log`],
    ["reliable order execution", `grep "external_reliable_tier" ${tree}/correlations/*.log`],
    ["lifecycle of the logs", `grep "lifecycle_management" ${tree}/system/*.log`],
  ];
  const width = Math.max(...commands.map(([title = ""]) => title.length));
  return [
    paint("dim", "try"),
    ...commands.map(([title = "", command = ""]) => `  ${paint("dim", title.padEnd(width))}   ${command}`),
  ];
}

const labelWidth = 10;

function row(label: string, cells: readonly string[]): string {
  return `  ${padEnd(label, labelWidth)}${cells.join("   ")}`;
}

/** First column left, the others right; widths without colour. */
function renderTable(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((cells) => stripVTControlCharacters(cells[column] ?? "").length)),
  );
  return rows.map((cells) =>
    cells.reduce((line, cell, column) => {
      const width = column === 0 ? Math.max(labelWidth, (widths[0] ?? 0) + 2) : (widths[column] ?? 0);
      return column === 0
        ? `  ${padEnd(cell, width)}`
        : `${line}${column === 1 ? "" : "   "}${padStart(cell, width)}`;
    }, ""),
  );
}

function padEnd(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - stripVTControlCharacters(text).length));
}

function padStart(text: string, width: number): string {
  return " ".repeat(Math.max(0, width - stripVTControlCharacters(text).length)) + text;
}

function rankOf(tier: string): number {
  const rank = tierRanks.indexOf(tier);
  return rank === -1 ? tierRanks.length : rank;
}
